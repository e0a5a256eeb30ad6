"""Old binary Office files with fields of fixed length, made once with LibreOffice by `make.py`."""
