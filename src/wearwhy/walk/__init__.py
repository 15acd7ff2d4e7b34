"""The graph as a matrix: declared meta-paths and personalised PageRank."""
