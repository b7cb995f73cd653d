"""Files that the demo server writes byte by byte, because Pillow does not: FLAC, MP4, latents."""
