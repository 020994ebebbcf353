"""The same work done by Lamina and by what people use today, timed in one run."""
