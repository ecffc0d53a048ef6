"""PostgreSQL and Redis: pool, table metadata and migrations, jobs, bus, broker control. Knows no business."""
