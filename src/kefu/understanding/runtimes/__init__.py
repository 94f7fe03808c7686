"""Where a neural model runs: in this process or on a model server, behind one port."""
