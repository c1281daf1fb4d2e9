"""One module or package for each host framework; none is imported before it is asked for."""
