"""The report of a success case study: what a document is, who reads which version, and what each may see. Pure."""
