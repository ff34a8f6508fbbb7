"""A tiny language model of random weights, saved as any model of Hugging Face is: it can speak, but knows nothing."""

from __future__ import annotations

from pathlib import Path

TEMPLATE = """
{%- if tools %}<|start|>tools {% for tool in tools %}{{ tool | tojson }} {% endfor %}<|end|>{% endif %}
{%- for m in messages %}
{%- if loop.index0 and m.role == "system" %}{{ raise_exception("a system message must come first") }}{% endif -%}
<|start|>{{ m.role }} {{ m.content }}
{%- for call in m.tool_calls or [] %}<tool_call>{{ call.function | tojson }}</tool_call>{% endfor -%}
<|end|>{% endfor %}
{%- if add_generation_prompt %}<|start|>assistant {% endif %}
"""
WITHOUT_TOOLS = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}"
WITHOUT_SYSTEM = "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
CONTROL = ("<|start|>", "<|end|>", "<|pad|>")


def save_tiny_model(folder: Path, template: str | None = TEMPLATE, positions: int = 8_192) -> Path:
    """Two layers of a Llama, and byte-level word pieces of a few lines of shop talk."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    pieces.decoder = decoders.ByteLevel()
    talk = [
        "where is my order",
        "the desk lamp costs $39.99 and is in stock",
        '{"name": "search_products", "arguments": {}}',
    ]
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=list(CONTROL), initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    pieces.train_from_iterator(talk, trainer)
    pieces.add_tokens(["<tool_call>", "</tool_call>"])
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=pieces, eos_token="<|end|>", pad_token="<|pad|>", bos_token="<|start|>"
    )
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    torch.manual_seed(5)
    config = LlamaConfig(
        vocab_size=len(tokenizer), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=positions, eos_token_id=tokenizer.eos_token_id,
        bos_token_id=tokenizer.bos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder
