"""Say which comments are not independent: those of one user or, where articles are held out, of one article."""

import numpy as np
import pandas as pd

COMMENT = "comment"


def resampled_units(comments: pd.DataFrame, grouped_by: str | None) -> tuple[str, np.ndarray]:
    """Return the unit whose comments are swapped and drawn together under a protocol, and each comment's unit.

    A user's comments are alike, in their labels and in what models make of them, so the unit is the user. Results are
    then about other users under the same articles: of the articles themselves there are too few to draw, and a model
    that trains on all of them makes no claim about others. Where whole articles are held out it does, and the article
    is the unit. Who has no name is a unit alone; without any users, or with one, the unit is the comment.

    Args:
        comments: columns thread and user.
        grouped_by: the column whose groups the protocol keeps whole.

    Returns:
        `user`, `thread` or `comment`, and numbers from 0 without gaps, shape (comments,).
    """
    unit = "thread" if grouped_by == "thread" else "user"
    names = comments[unit].fillna("").astype(str).to_numpy()
    if len({*names} - {""}) < 2:
        return COMMENT, np.arange(len(comments))
    alone = np.array([f"\0{row}" for row in range(len(names))])
    return unit, pd.factorize(np.where(names == "", alone, names))[0]
