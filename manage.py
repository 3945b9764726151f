#!/usr/bin/env python
from quinze.config.cli import main

if __name__ == "__main__":
    main()
