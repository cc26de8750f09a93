"""OpenAI's client of Python by the tasks of adapters.mjs: a line of JSON is a call, and so is what comes of it."""

import json
import sys
import threading

import openai

writing = threading.Lock()
leaving = {}


def tell(**told):
    with writing:
        print(json.dumps(told), flush=True)


def said(words):
    return [{"role": "user", "content": words}]


class Call:
    def __init__(self, number, base, key, model, task, words=None, retries=None, **_):
        self.number, self.model, self.task, self.words = number, model, task, words
        self.statuses = []
        hooks = {"response": [lambda response: self.statuses.append(response.status_code)]}
        more = {} if retries is None else {"max_retries": retries}
        http = openai.DefaultHttpxClient(event_hooks=hooks)
        self.api = openai.OpenAI(base_url=base, api_key=key, http_client=http, **more)

    def models(self):
        return {"models": [model.id for model in self.api.models.list()]}

    def whole(self):
        answer = self.api.chat.completions.create(model=self.model, messages=said(self.words))
        return {"text": answer.choices[0].message.content, "usage": answer.usage.total_tokens}

    def stream(self):
        text, usage = "", None
        with self.api.chat.completions.create(
            model=self.model, messages=said(self.words), stream=True, stream_options={"include_usage": True}
        ) as stream:
            for chunk in stream:
                piece = (chunk.choices[0].delta.content or "") if chunk.choices else ""
                if piece and not text:
                    tell(number=self.number)
                text += piece
                usage = chunk.usage.total_tokens if chunk.usage else usage
                if leaving[self.number].is_set():
                    break
        return {"text": text, "usage": usage}

    def responses(self):
        whole = self.api.responses.create(model=self.model, input=self.words).output_text
        text, usage = "", None
        for event in self.api.responses.create(model=self.model, input=self.words, stream=True):
            text += event.delta if event.type == "response.output_text.delta" else ""
            usage = event.response.usage.total_tokens if event.type == "response.completed" else None
        return {"text": text, "usage": usage, "whole": whole}

    def carry_out(self):
        try:
            ended = getattr(self, self.task)()
        except Exception as error:
            status, code = getattr(error, "status_code", None), getattr(error, "code", None)
            words = getattr(error, "message", repr(error))
            ended = {"error": {"status": status, "code": code, "words": words}}
        tell(number=self.number, ended={**ended, "statuses": self.statuses})


for line in sys.stdin:
    asked = json.loads(line)
    if asked.get("leave"):
        leaving[asked["number"]].set()
    else:
        leaving[asked["number"]] = threading.Event()
        threading.Thread(target=Call(**asked).carry_out, daemon=True).start()
