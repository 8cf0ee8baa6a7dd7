"""Work with Snakemake: jobs, digests of code, reasons for reruns, and its private parts."""
