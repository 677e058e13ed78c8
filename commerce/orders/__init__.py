"""Service `orders`: placing, splitting, fulfilling orders."""
