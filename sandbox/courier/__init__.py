"""Pathao as the outside world plays it: merchant API "aladdin" over HTTP. Not here: anything production needs."""
