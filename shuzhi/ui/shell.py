"""The script that Streamlit runs: the frame, and in it the chosen page."""

from shuzhi.ui import frame

frame.configure()
frame.run()
