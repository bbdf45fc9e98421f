"""Short messages of programs and refusals are recognised; captions that sound alike are not."""

import pytest

from evaluation.upload.plausible.kind import Seen
from evaluation.upload.plausible.registry import implausible


def codes(text: str) -> set[str]:
    return {one.kind.code for one in implausible("vs", [Seen(text, text)] * 8)}


@pytest.mark.parametrize(
    "text",
    [
        "Failed to generate.", "could not be loaded", "The video could not be processed.",
        "You have hit your rate limit", "API error", "Model not found", "processing error",
        "Video decoding error", "Error while generating", "error processing video",
        "Cannot open file", "cannot read video", "Failed to load the video file.",
        "Failed to open: '/data/x.mp4'", "Request failed with status code 503",
    ],
)  # fmt: skip
def test_a_program_s_message_is_named(text: str) -> None:
    assert codes(text) == {"errors"}


@pytest.mark.parametrize(
    "text",
    [
        "I have no idea.", "Unable to determine", "Cannot be determined.", "Unclear.", "Not sure",
        "As a text-based AI model, I do not have access to the video.", "No video was provided.",
        "Unfortunately, I cannot determine the action.", "Ich kann das Video nicht sehen.",
    ],
)  # fmt: skip
def test_a_refusal_is_named(text: str) -> None:
    assert codes(text) == {"refusals"}


@pytest.mark.parametrize(
    "text",
    [
        "The stapler failed to open.", "The surgeon failed to load the needle.",
        "Failed to open the airway, the nurse repositions the head.",
        "The clip could not be opened.", "Could not read the label, the nurse asks again.",
        "Cannot open the jaws of the grasper.", "The surgeon exceeded the time limit.",
        "The needle could not be loaded into the driver.",
        "Error in needle handling: the trainee drops it.",
        "Unable to see the tip, the surgeon cleans the lens.",
        "Unfortunately, the artery bleeds.", "No idea of the anatomy is given at first.",
    ],
)  # fmt: skip
def test_a_caption_that_sounds_alike_is_left_alone(text: str) -> None:
    assert codes(text) == set()
