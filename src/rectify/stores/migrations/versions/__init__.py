"""One module a layout, named after its number."""
