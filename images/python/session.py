# Starts the driver of a live session for Python, which is a module of the image's root. Short: an interpreter keeps what it makes of its main file.
import sys

kept, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # Where the module is in /box, nothing of it should be left there.
import nestbox_session

sys.dont_write_bytecode = kept
nestbox_session.serve()
