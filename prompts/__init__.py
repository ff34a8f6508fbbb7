"""Every word that a model or a shopper is given. Text only; `agent.wording` and `agent.policy` read it."""
