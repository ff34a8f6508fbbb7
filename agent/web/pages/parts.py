"""Gradio parts that both pages use."""

from __future__ import annotations

import gradio as gr


def html(value: str = "", classes: str | None = None) -> gr.HTML:
    """A place for what a template draws, without Gradio's own look of text."""
    return gr.HTML(value, elem_classes=classes, padding=False, apply_default_css=False)
