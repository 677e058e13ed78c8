"""LightGBM's C library by ctypes: one row in about 13 µs through its fast single-row path, and TreeSHAP on demand.

The library is loaded without importing the `lightgbm` package, which would bring pandas and scikit-learn into serving.
Not here: what the numbers mean.
"""

import ctypes
import importlib.util
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

_NORMAL, _CONTRIBUTIONS = 0, 3
_FLOAT64 = 1
_PARAMETERS = b"num_threads=1"

Row = npt.NDArray[np.float64]


class NativeLibraryMissing(ImportError):
    """LightGBM's library cannot be loaded: install the package `lightgbm`."""


def find_library() -> Path:
    """Path of LightGBM's shared library.

    Raises:
        NativeLibraryMissing: not installed.
    """
    spec = importlib.util.find_spec("lightgbm")
    folder = None if spec is None or spec.origin is None else Path(spec.origin).parent / "lib"
    found = [] if folder is None else sorted(folder.glob("lib_lightgbm.*"))
    if not found:
        raise NativeLibraryMissing(str(NativeLibraryMissing.__doc__))
    return found[0]


class NativeBooster:
    """A model read from LightGBM's text format. Scoring is serialised by a lock: its buffers are reused."""

    def __init__(self, model_file: Path) -> None:
        self._library = ctypes.CDLL(str(find_library()))
        self._library.LGBM_GetLastError.restype = ctypes.c_char_p
        self._lock = threading.Lock()
        self._handle = ctypes.c_void_p()
        iterations = ctypes.c_int()
        self._call(
            "LGBM_BoosterCreateFromModelfile",
            str(model_file).encode(),
            ctypes.byref(iterations),
            ctypes.byref(self._handle),
        )
        width = ctypes.c_int()
        self._call("LGBM_BoosterGetNumFeature", self._handle, ctypes.byref(width))
        self.width = width.value
        self.iterations = iterations.value
        self._row: Row = np.zeros(self.width, dtype=np.float64)
        self._length = ctypes.c_int64()
        self._score = (ctypes.c_double * 1)()
        self._contributions = (ctypes.c_double * (self.width + 1))()
        self._fast_score = self._prepare(_NORMAL)
        self._fast_contributions = self._prepare(_CONTRIBUTIONS)

    def score(self, row: Sequence[float]) -> float:
        """Model output (a probability for binary models) of one row."""
        with self._lock:
            self._predict(self._fast_score, row, self._score)
            return float(self._score[0])

    def contributions(self, row: Sequence[float]) -> list[float]:
        """TreeSHAP value of every feature of one row (Lundberg et al. 2018), without the base value."""
        with self._lock:
            self._predict(self._fast_contributions, row, self._contributions)
            return list(self._contributions)[: self.width]

    def _predict(self, config: ctypes.c_void_p, row: Sequence[float], target: "ctypes.Array[ctypes.c_double]") -> None:
        if len(row) != self.width:
            raise ValueError(f"the model wants {self.width} values, not {len(row)}: retrain or roll back.")
        self._row[:] = row
        data = self._row.ctypes.data_as(ctypes.c_void_p)
        self._call("LGBM_BoosterPredictForMatSingleRowFast", config, data, ctypes.byref(self._length), target)

    def _prepare(self, kind: int) -> ctypes.c_void_p:
        config = ctypes.c_void_p()
        self._call(
            "LGBM_BoosterPredictForMatSingleRowFastInit",
            self._handle, ctypes.c_int(kind), ctypes.c_int(0), ctypes.c_int(-1), ctypes.c_int(_FLOAT64),
            ctypes.c_int32(self.width), ctypes.c_char_p(_PARAMETERS), ctypes.byref(config),
        )  # fmt: skip
        return config

    def _call(self, function: str, *arguments: object) -> None:
        if getattr(self._library, function)(*arguments) != 0:
            detail = self._library.LGBM_GetLastError()
            raise ValueError(f"LightGBM cannot use the model ({detail.decode(errors='replace')}): publish it again.")

    def close(self) -> None:
        """Free the model; it must not be used afterwards."""
        with self._lock:
            for config in (self._fast_score, self._fast_contributions):
                self._library.LGBM_FastConfigFree(config)
            self._library.LGBM_BoosterFree(self._handle)
