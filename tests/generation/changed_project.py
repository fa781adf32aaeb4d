"""A copy of the project whose documents say more, and programs that use the package that is made of it."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from tests.generation.conftest import Tree, yaml_value
from tests.programs import Programs, kept_environment

CONTROL_PLANE = """
paths:
  /v1/boxes:
    parameters:
      - {name: X-Box-Colours, in: header, description: Colours., schema: {type: array, items: {type: string}}}
    get:
      operationId: list_boxes
      tags: [boxes]
      summary: List boxes
      description: All of them.
      security: []
      parameters:
        - {name: X-Trace, in: header, description: A mark., schema: {type: string}}
        - {name: most, in: query, description: How many, schema: {type: integer, minimum: 1, maximum: 9, default: 5}}
      responses: {"200": {description: They., content: {application/json: {schema: {type: array, items: <Box>}}}}}
      x-tensormesh:
        {call: boxes.list, retry: idempotent, cli: {command: boxes list, columns: [name]}}
    post:
      operationId: make_box
      tags: [boxes]
      summary: Make a box
      description: "Deprecated: use boxes.replace() instead. It goes soon."
      deprecated: true
      requestBody: {required: true, content: {application/json: {schema: <Box>}}}
      responses: {"201": {description: It., content: {application/json: {schema: <Box>}}}}
      x-tensormesh: {call: boxes.make, retry: never, cli: {command: boxes make}}
  /v1/boxes/{boxId}:
    parameters:
      - {name: boxId, in: path, required: true, description: Which., schema: {type: string}}
    get:
      operationId: describe_box
      tags: [boxes]
      summary: Describe a box
      description: In words.
      security: [{}, {controlPlaneToken: []}]
      responses: {"200": {description: Words., content: {text/plain: {schema: {type: string}}}}}
      x-tensormesh: {call: boxes.describe, retry: idempotent, positional: [boxId], cli: {command: boxes describe}}
    put:
      operationId: replace_box
      tags: [boxes]
      summary: Replace a box
      description: By another.
      requestBody: {required: true, content: {application/json: {schema: <Box>}}}
      responses:
        "200": {description: It., content: {application/json: {schema: <Box>}}}
        "204": {description: It was like that.}
      x-tensormesh: {call: boxes.replace, retry: idempotent, positional: [boxId], cli: {command: boxes replace}}
    delete:
      operationId: delete_box
      tags: [boxes]
      summary: Delete a box
      description: For good.
      responses: {"204": {description: It is gone.}}
      x-tensormesh: {call: boxes.delete, retry: idempotent, positional: [boxId], cli: {command: boxes delete}}
  /v1/poems:
    post:
      operationId: write_poem
      tags: [boxes]
      summary: Write a poem
      description: On a box.
      requestBody: {required: true, content: {application/json: {schema: <PoemRequest>}}}
      responses:
        "200":
          description: The poem.
          content:
            application/json: {schema: <Poem>}
            text/event-stream: {schema: {type: string}}
      x-tensormesh:
        call: poems.write
        retry: never
        stream: {field: live, event: PoemEvent, end: "THE END", whole: poem, adds: {verses: verse}}
        cli: {command: poems write}
  /v1/boxes/{boxId}/letters:
    parameters:
      - {name: boxId, in: path, required: true, description: Which., schema: {type: string}}
    post:
      operationId: write_letter
      tags: [boxes]
      summary: Write a letter
      description: To a box.
      parameters:
        - {name: X-Trace, in: header, description: A mark., schema: {type: string}}
        - {name: most, in: query, required: true, description: How many lines., schema: {type: integer}}
        - {name: stream, in: query, description: Which water., schema: {type: string}}
      requestBody: {required: true, content: {application/json: {schema: <LetterRequest>}}}
      responses:
        "200":
          description: The letter.
          content:
            application/json: {schema: <Poem>}
            text/event-stream: {schema: {type: string}}
      x-tensormesh:
        call: letters.write
        retry: never
        positional: [boxId]
        rename: {stream: river, toWhom: reader}
        stream: {field: live, event: PoemEvent, end: "THE END", whole: poem, adds: {verses: verse}}
        cli: {command: letters write, options: {river: stream}}
components:
  schemas:
    LetterRequest:
      type: object
      description: What to write.
      required: [about]
      properties:
        about: {type: string, description: On what.}
        toWhom: {type: string, description: Who reads it.}
        due: {type: string, format: date-time, description: When.}
        count: {type: string, format: int64, description: How often.}
        live: {type: boolean, description: Verse by verse.}
    Box:
      type: object
      description: A box.
      required: [name]
      properties:
        name: {type: string, description: Its name, minLength: 1, maxLength: 9, examples: [red]}
        keys: {type: integer, format: int64, description: How many keys it has.}
        list: {type: string, description: What is in it.}
        self: {type: string, description: Itself.}
        2fa: {type: boolean, description: Whether it has two locks.}
        名前: {type: string, description: Its name elsewhere.}
        "+1": {type: integer, x-name: likes, description: Who likes it.}
        id: {type: string, format: uuid, deprecated: true, description: Its id.}
    PoemRequest:
      type: object
      description: What to write.
      required: [about]
      properties:
        about: {type: string, description: On what.}
        live: {type: boolean, description: Verse by verse.}
    Poem:
      type: object
      description: A poem.
      required: [verses, id]
      properties:
        id: {type: string, description: Its id.}
        verses: {type: string, description: All of it.}
        usage: {type: integer, description: Effort.}
    PoemEvent:
      type: object
      description: A verse.
      properties:
        id: {type: string, description: Its id.}
        verse: {type: string, description: The verse.}
        usage: {type: integer, description: Effort.}
tags: [{name: boxes, description: Boxes., x-displayName: Boxes}]
"""

INFERENCE = """
paths:
  /v1/songs:
    post:
      operationId: sing_song
      tags: [songs]
      summary: Sing a song
      description: Of any kind.
      requestBody: {required: true, content: {application/json: {schema: <SongRequest>}}}
      responses:
        "200":
          description: The song.
          content:
            application/json: {schema: <Song>}
            text/event-stream: {schema: {type: string}}
      x-tensormesh:
        call: songs.sing
        retry: never
        stream: {field: stream, event: SongEvent, end: "type:song.sung", whole: song, adds: {text: line}, final: song}
        cli: {command: infer song}
components:
  schemas:
    SongRequest:
      type: object
      description: What to sing.
      properties:
        stream: {type: boolean, description: Line by line.}
    Song:
      type: object
      description: A song.
      required: [text]
      properties:
        text: {type: string, description: All of it.}
        key: {type: string, description: C major.}
    SongLine:
      type: object
      description: A line.
      required: [type, line]
      properties:
        type: {type: string, const: song.line, description: What it is.}
        line: {type: string, description: The line.}
    SongSung:
      type: object
      description: The end.
      required: [type, song]
      properties:
        type: {type: string, const: song.sung, description: What it is.}
        song: <Song>
    SongEvent:
      description: What comes.
      oneOf: [<SongLine>, <SongSung>]
      discriminator:
        propertyName: type
        mapping: {song.line: "#/components/schemas/SongLine", song.sung: "#/components/schemas/SongSung"}
tags: [{name: songs, description: Songs.}]
servers: [{url: "https://{place}.serverless.test", variables: {place: {default: north}}}]
"""


class ChangedProject(Tree):
    """The project's tree with a package that has more in it."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        for name, text in (("control_plane", CONTROL_PLANE), ("serverless", INFERENCE)):
            more = yaml_value(text)
            with self.document(name) as document:
                document["paths"] |= more["paths"]
                document.setdefault("components", {}).setdefault("schemas", {}).update(more["components"]["schemas"])
                document["tags"] += more["tags"]
                document["servers"] = more.get("servers", document["servers"])

    def tm(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run `tm` with the package of this tree."""
        return self.process("-m", "tensormesh_cli", *arguments, **variables)

    @property
    def environment(self) -> dict[str, str]:
        """The variables of a program that uses the package of this tree, and nothing of the machine that would show."""
        return {**kept_environment(), "PYTHONPATH": str(self.root), "TM_CONFIG_HOME": str(self.root / "home")}

    def process(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=self.environment | variables,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )


class ChangedPrograms:
    """
    Programs that use the package of a tree, each in a fork of an interpreter that has loaded the client.

    Args:
        programs: they run in the environment of the tree.
        folder: where they are written down.
    """

    def __init__(self, programs: Programs, folder: Path) -> None:
        self._programs = programs
        self._folder = folder

    def run(self, lines: str, *arguments: str) -> Any:
        """Run a program, and give the JSON that it prints."""
        program = self._folder / "program.py"
        program.write_text(textwrap.dedent(lines), encoding="utf-8")
        done = self._programs.run(program, self._folder, *arguments)
        assert done.status == 0, done.stderr
        return json.loads(done.stdout)
