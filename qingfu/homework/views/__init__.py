"""Pages of a teacher's homework, one module for one subject; see ``urls``."""
