"""Jobs with a date: an API that queues them, and a worker that stores what became of them."""
