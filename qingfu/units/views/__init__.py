"""The pages of this room, one module for one subject; see ``urls``."""
