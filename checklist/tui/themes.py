"""The two colour schemes and the style sheet. Shape and word carry every meaning; these colours only help.

The inks are those of the interface guide: at least 7.5:1 on true black, 8:1 on true white, so that they stay
apart in 16 colours and in grey.
"""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

DARK: Final = "clinic-dark"
LIGHT: Final = "clinic-light"


def _theme(name: str, *, dark: bool, ground: str, ink: str, inks: dict[str, str]) -> Theme:
    return Theme(
        name=name,
        primary=inks["now"],
        success=inks["done"],
        warning=inks["wait"],
        error=inks["bad"],
        foreground=ink,
        background=ground,
        surface=ground,
        panel=ground,
        dark=dark,
        text_alpha=1.0,
        luminosity_spread=0.0,
        variables={"ground": ground, "ink": ink, **{f"ink-{word}": colour for word, colour in inks.items()}},
    )


THEMES: Final = (
    _theme(
        DARK,
        dark=True,
        ground="#000000",
        ink="#FFFFFF",
        inks={
            "done": "#3DDC97",
            "now": "#6CB6FF",
            "calm": "#C8CDD3",
            "wait": "#FFC857",
            "witness": "#E39BFF",
            "bad": "#FF6B6B",
            "off": "#8B929A",
            "bar": "#262B31",
        },
    ),
    _theme(
        LIGHT,
        dark=False,
        ground="#FFFFFF",
        ink="#000000",
        inks={
            "done": "#005C3B",
            "now": "#003E91",
            "calm": "#3A4048",
            "wait": "#6B4200",
            "witness": "#6A1B83",
            "bad": "#9E0012",
            "off": "#5D646C",
            "bar": "#DDE1E6",
        },
    ),
)

CSS: Final = """
Screen { background: $ground; color: $ink; overflow: hidden; layers: base small; }
Form, Trouble, KeepSafe, Reading { background: $ground 60%; align: center bottom; }
LockFace { background: $ground 0%; align: center bottom; }

TitleBar { height: 1; background: $ink-bar; color: $ink; text-style: bold; }
TimerStrip { height: auto; color: $ink-wait; text-style: bold; }
Hint { height: auto; min-height: 1; color: $ink; padding: 0 1; }
KeyBar { height: auto; padding: 0 1; }
StatusBar { height: 1; background: $ink-bar; color: $ink-calm; padding: 0 1; }
DemoLine { height: auto; color: $ink-wait; padding: 0 1; }
Foot { height: auto; dock: bottom; background: $ground; }
#small { display: none; layer: small; width: 100%; height: 100%; background: $ground; color: $ink; }
.-small #small { display: block; }

.body { height: 1fr; padding: 0 1; }
Rows { height: 1fr; color: $ink-calm; }

Field, Field:focus { border: none; height: 1; padding: 0; background: $ground; color: $ink; text-style: bold; }
Field:focus { background-tint: $ground 0%; }
Field > .input--cursor { background: $ground; color: $ink; text-style: reverse; }
Field > .input--placeholder { color: $ink-off; }
FieldRow { height: 1; }
FieldRow > .label { width: 14; color: $ink-calm; }
FieldRow > .mark, FieldRow > .bracket { width: 2; color: $ink-off; }
FieldRow.-here > .mark, FieldRow.-here > .bracket, FieldRow.-here > .label { color: $ink-now; text-style: bold; }
FieldRow > Field { width: 1fr; max-width: 56; }
FieldRow.-short > Field { max-width: 18; }
FieldRow > .unit { width: auto; max-width: 24; color: $ink-calm; }

#flags { height: auto; padding: 0 1; }
#locked { height: 1; padding: 0 1; background: $ink-wait; color: $ground; text-style: bold; }
#progress { height: 1; padding: 0 1; }
#above, #below { padding: 0 1; color: $ink-calm; height: auto; }
#walk { height: 1fr; }
#card { height: 1fr; border: double $ink-now; border-title-style: bold; padding: 0 1; width: 1fr; }
#card.-bad { border: double $ink-bad; }
#card.-wait { border: double $ink-wait; }
#card.-witness { border: double $ink-witness; }
#card.-done { border: double $ink-done; }
#say { height: auto; scrollbar-size-vertical: 1; scrollbar-color: $ink-now; scrollbar-background: $ink-bar; }
#told { height: auto; }
#response, #response Lines, #reasons { height: auto; }
#response Rows { height: auto; max-height: 10; }
#clock { width: 100%; color: $ink-wait; }
#why { width: 40; padding: 1 2; display: none; scrollbar-size-vertical: 1; border-left: solid $ink-off; }
#reasons { color: $ink-calm; }
.-wide #why { display: block; }

#sheet { height: auto; max-height: 100%; border: heavy $ink-now; background: $ground; padding: 0 1; }
#sheet.-bad { border: heavy $ink-bad; }
#sheet > Static { height: auto; }
#sheet > .title { margin-bottom: 1; color: $ink-now; text-style: bold; }
#sheet > .note { margin-top: 1; color: $ink-calm; }
#sheet > .scroll { height: auto; max-height: 16; scrollbar-size-vertical: 1; }
#sheet Rows { height: auto; max-height: 9; }
#form { height: auto; dock: bottom; max-height: 100%; }
"""
