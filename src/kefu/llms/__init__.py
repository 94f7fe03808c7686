"""Language models: vendors at the edge, wrappers of one idea each around one port."""
