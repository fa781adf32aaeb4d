"""
The small model of the live tests in the form that llama.cpp reads: `python gguf_file.py FOLDER FILE`.

Runs in the environment of llama-cpp-python, which has `gguf`; knows the names of Qwen3's tensors in both forms.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import gguf
import numpy
from safetensors.numpy import load_file

_WHOLE = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}
_OF_A_LAYER = {
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def main(folder: Path, file: Path) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    writer = gguf.GGUFWriter(str(file), "qwen3")
    _shape(writer, config)
    _tokens(writer, config, folder)
    for name, tensor in load_file(folder / "model.safetensors").items():
        plain = tensor.astype(numpy.float32 if tensor.ndim == 1 else numpy.float16)
        writer.add_tensor(_tensor_name(name), plain)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _shape(writer: Any, config: dict[str, Any]) -> None:
    writer.add_name("tiny")
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])


def _tokens(writer: Any, config: dict[str, Any], folder: Path) -> None:
    read = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    special = {one["id"]: one["content"] for one in read["added_tokens"]}
    known = {number: text for text, number in read["model"]["vocab"].items()} | special
    # The matrix has more rows than there are tokens, and each needs a name.
    texts = [known.get(number, f"[unused{number}]") for number in range(config["vocab_size"])]
    kinds = [
        gguf.TokenType.CONTROL if n in special else gguf.TokenType.NORMAL if n in known else gguf.TokenType.UNUSED
        for n in range(config["vocab_size"])
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(texts)
    writer.add_token_types(kinds)
    merges = read["model"]["merges"]
    writer.add_token_merges([one if isinstance(one, str) else " ".join(one) for one in merges])
    writer.add_eos_token_id(config["eos_token_id"])
    writer.add_pad_token_id(config["pad_token_id"])
    writer.add_add_bos_token(False)
    writer.add_chat_template((folder / "chat_template.jinja").read_text(encoding="utf-8"))


def _tensor_name(name: str) -> str:
    if name in _WHOLE:
        return _WHOLE[name]
    _, _, number, rest = name.split(".", 3)
    return f"blk.{number}.{_OF_A_LAYER[rest.removesuffix('.weight')]}.weight"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
