"""The pages of this room: the report reader, work reports, figures by a link."""
