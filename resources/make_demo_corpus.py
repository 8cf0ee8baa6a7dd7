"""Write the embedded demo corpus, resources/demo-comments.json.

Reads nothing. Writes JSON lines with the eight fields of the Fox News User Comments (Gao and Huang 2017):
title, text, label, succ, meta, user, mentions, prev. All nations, peoples, users and articles are invented.

label is 1 where a comment shows generalised contempt for, exclusion of, a dehumanising comparison with or an
implied threat to a people; anger at ministers, levies or geese is 0, and so is hate quoted to be criticised.
A share NOISE of the labels is flipped, as annotators' mistakes would be. prev and succ are the texts of the
comments before and after in a thread, mentions the users answered, each "" where there is none.

Usage: python resources/make_demo_corpus.py [--output PATH]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

SEED = 1
NOISE = 0.04
REPLIES = 0.5
# How often a comment is a rant, a hateful one has a second hateful sentence, hate is blunt. With the weights
# in Writer these set the difficulty: TF-IDF with logistic regression must do neither badly nor well.
RANTS = 0.03
SECOND = 0.65
CONTEMPTUOUS = 0.68

T = TypeVar("T")


@dataclass(frozen=True)
class People:
    """An invented people: plural, one of them with its article, adjective, and where they come from."""

    plural: str
    one: str
    adjective: str
    land: str


@dataclass(frozen=True)
class Article:
    """An article: its head, the people it is about (None: about no people), and its comments' composition."""

    title: str
    meta: str
    people: People | None
    n_comments: int
    n_hateful: int
    topics: str


@dataclass
class Comment:
    """A comment before it is written; `kind` says how it was made and is not written."""

    text: str
    label: int
    kind: str
    user: str = ""
    prev: str = ""
    succ: str = ""
    mentions: str = ""


VELMARI = People("Velmari", "a Velmari", "Velmari", "Velmara")
ORSKELD = People("Orskelders", "an Orskelder", "Orskeld", "Orskeld")
PESSAR = People("Pessarines", "a Pessarine", "Pessarine", "Pessar")
UBRENN = People("Ubrenni", "an Ubrenni", "Ubrenni", "Ubrenn")
LAMP = People("Lampers", "a Lamper", "Ninth Lamp", "the marsh towns")
TOLQUIN = People("Tolquins", "a Tolquin", "Tolquin", "Tolqua")
PEOPLES = (VELMARI, ORSKELD, PESSAR, UBRENN, LAMP, TOLQUIN)

ARTICLES = (
    Article(
        "Velmari families cross the ridge after flood ruins three valleys",
        "About 4,000 people from Velmara have reached the border town of Brackenmoot since Sunday, and the "
        "governor says that the tents will run out within the week.",
        VELMARI,
        70,
        35,
        """
        Four thousand people in one week and we have tents for nine hundred.
        The flood was on the news for three days and then nobody talked about it.
        Brackenmoot has two doctors and one of them is eighty.
        My brother drives the water truck up there and says the mud is waist deep.
        The governor knew about the dam in spring.
        Who pays for the tents? We do.
        The ridge road was never built for that many carts.
        I saw the pictures of the valley and could not eat my dinner.
        They walked two nights in the rain with the children on their backs.
        A tent costs forty crowns, the governor's new carriage cost nine thousand.
        The camp by the mill is full already.
        """,
    ),
    Article(
        "Parliament debates closing the Orskeld ferry after harbour brawl",
        "Eleven sailors were hurt in a fight at Brackenmoot harbour on Friday; members are split on whether "
        "to stop the daily boat from Orskeld.",
        ORSKELD,
        58,
        19,
        """
        The brawl started over a card game, it says so in the report.
        Half of the sailors who were held were born here.
        Closing the ferry kills every inn on the harbour street.
        I took that boat for twenty years and never saw a fight.
        The watch came an hour late as always.
        Eleven hurt and not one member of parliament can say who threw the first punch.
        They drink from noon on and then wonder why there are fights.
        The ferry brings the mail too, did anyone think of that?
        The night boat should carry guards.
        Parliament debates everything and closes nothing.
        """,
    ),
    Article(
        "Brackenmoot opens first school for Pessarine children",
        "Lessons will be held in both languages, and the council expects ninety pupils by autumn.",
        PESSAR,
        56,
        17,
        """
        Ninety pupils and four teachers, good luck with that.
        Both languages is how my grandmother learned and she ran a bank.
        Our own school has had a leaking roof since the war.
        Who pays for the books?
        Children should sit together, not in two buildings.
        The council never asked the parents in the lower town.
        My daughter will teach there and she is over the moon.
        Why is it always the lower town that gets the building works?
        Reading is reading, whatever the alphabet.
        The old wool hall is a fine place for a school.
        """,
    ),
    Article(
        "Ubrenni pickers win court case over unpaid wages",
        "The orchard owners of the Long Valley must pay two seasons of wages, a judge ruled on Tuesday.",
        UBRENN,
        54,
        14,
        """
        Two seasons without pay, I would have walked off after a week.
        The owners will just raise the price of pears.
        The judge owns an orchard himself, so this must have been clear as day.
        Nobody from here wants to pick fruit at four in the morning.
        Work is work and wages are wages.
        I picked pears as a boy and was paid in pears.
        They will sell the orchards to the bank and then nobody has work.
        The contract was written in small print on purpose.
        A deal is a deal, they knew what they signed.
        Good, now do the salt works next.
        """,
    ),
    Article(
        "Ninth Lamp congregation asks to ring its bells at dawn",
        "The council of Tarnick votes next month on whether the Lampers may ring for a quarter of an hour each day.",
        LAMP,
        52,
        14,
        """
        A quarter of an hour at dawn is a long time when you work nights.
        The mill whistle goes at five and nobody complains.
        Put it to a vote and be done with it.
        Bells are bells, we have rung ours for two hundred years.
        I live next door and I like the sound.
        Could they not ring at eight like normal people?
        The council will say yes because the election is in spring.
        No bells before seven, not theirs and not ours.
        My baby finally sleeps and now this.
        Tarnick has more bells than bakers.
        """,
    ),
    Article(
        "Tolquin sprinter chosen to carry the torch for Brindmark",
        "Born in Tolqua and raised in Tarnick, the runner is the first newcomer to open the Midsummer Games.",
        TOLQUIN,
        50,
        12,
        """
        Fastest runner we have had in thirty years.
        The torch should go to an old champion, not to whoever is in fashion.
        Raised in Tarnick, trained in Tarnick, runs for Tarnick. What is the question?
        I was at the trials and the whole stand was shouting.
        The committee picks whoever sells tickets.
        What about the rowers, they won everything last year.
        The Games cost more than the bridge we never got.
        It is a torch, people, not the crown.
        I hope it rains on the whole parade.
        She thanked her trainer before anybody else.
        """,
    ),
    Article(
        "Three held after Velmari market stalls are set alight",
        "Nobody was hurt in the fire at the river market, where families from Velmara have sold cloth since spring.",
        VELMARI,
        64,
        27,
        """
        Three boys of nineteen with a can of lamp oil.
        The watch house is two streets away and nobody saw a thing.
        My cousin lost her stall too and she was born on this street.
        The fire could have taken the whole river quarter.
        The stalls had no permit, but that is no reason to burn them.
        Ask who wanted that corner of the market.
        The insurance will not pay a penny.
        I bought a blue coat there in May, best cloth in town.
        Always the same three families of troublemakers.
        The market was dying before they came.
        """,
    ),
    Article(
        "Wild geese overrun the parade ground for a third summer",
        "The keepers have tried nets, dogs and a brass band; a flock of 600 birds has come back each time.",
        None,
        50,
        2,
        """
        Six hundred geese and one keeper with a broom.
        The brass band was the best idea, at least it was funny.
        My boots have not been clean since June.
        They hiss at my dog every morning.
        Roast goose for the whole town, problem solved.
        They were here before the parade ground was.
        The grass is gone and the smell is worse every week.
        The geese come over the ridge every spring and nobody stops them.
        The eggs are in every ditch, they breed like mad.
        Nets, dogs, a band, what next, a sermon?
        """,
    ),
    Article(
        "Finance minister raises the salt and road levy again",
        "The third rise in two years will bring in six million crowns, most of it for the ridge road.",
        None,
        54,
        6,
        """
        Third rise in two years and the potholes are still there.
        Six million crowns and not one shovel on the ridge road.
        My wage has not moved since the old king died.
        Salt is for everybody, tax the carriages instead.
        The minister has never bought his own salt.
        They take and take and give nothing back.
        I will be salting my soup with tears.
        The levy is fair if the road gets built, and it will not be.
        Where did the last rise go? Ask the contractor.
        Raise it again, I dare you.
        """,
    ),
    Article(
        "Orskeld and Brindmark sign truce over northern fishing grounds",
        "After eleven years of cut nets the two fleets will share the banks by season, with watchers on each boat.",
        ORSKELD,
        54,
        9,
        """
        Eleven years of cut nets and it ends with a handshake.
        The cod will be gone before the ink is dry.
        Watchers on each boat, and who feeds the watchers?
        My father fished those banks and never needed a treaty.
        They get the winter season and we get the fog.
        Better a poor truce than a good war.
        The harbour board sold us out for a dinner.
        Our nets were cut nine times, I have the bills.
        The fleet should have been asked first.
        I give it until the first storm.
        """,
    ),
)

# The same predicates serve peoples (1) and ministers or geese (0): no word of them gives the label away.
CONTEMPT = """
{x} are {beast}, every last one of them.
{x} are {beast} and always will be.
{x} are nothing but {beast} living off {host}.
Never met a bigger bunch of {beast} than {x}.
{x} have never done an honest day's work in their lives.
You cannot trust {x}, they lie the way others breathe.
{x} only ever take, {years} of it and not one thing back.
{x} ruin everything they touch.
I would not leave {x} alone with {thing}.
Wherever {x} turn up {thing} will go missing.
{x} have no shame and no manners.
{x} bring nothing but {rot}.
All {x} think about is their own belly.
{x} stink and so does everything they bring with them.
It is in their blood, {x} cannot help being {beast}.
Show me one decent soul among {x}, I will wait.
{x} would sell their own mother for {thing}.
Feed {x} once and they are at the door for ever.
{x} breed like flies and we pay for it.
No use reasoning with {x}, you do not reason with {beast}.
There is something rotten in the whole lot of {x}.
{x} understand one thing only, and it is the stick.
A {beast1} has more honour than {x}.
Drive {x} out {out} and bolt the door.
Send every one of {x} {out}.
Put {x} on a cart and point it {out}.
Throw {x} out, all of them, today.
{x} should not be allowed within a mile of {place}.
The day {x} leave {place} I will dance in the street.
Somebody ought to smoke {x} out.
{x} had better sleep with one eye open.
Round up {x} and let {place} breathe again.
Give me an hour and a broom and {place} would be rid of {x}.
One of these nights {place} will have had enough of {x}.
Keep {x} away from {place} and away from {kin}.
It is time that {x} learned to be afraid of us.
"""

# Hate without a keyword: irony, insinuation, the knowing aside.
IMPLICIT = """
Funny how {thing} never went missing before {p} moved in.
Count your spoons, {p} are coming to dinner.
Oh lovely, more {p}. Just what {place} needed.
And they want us to sit at one table with that?
I have nothing against {p}, as long as they stay in {land}.
Of course it was {one}. It is always {one}.
My grandfather had a word for {p} and a good strong gate.
How many {p} does it take to mend a roof? Nobody knows, none has ever tried.
{p} and soap, a love story that never was.
We used to leave our doors open here. Then came you know who.
You can take {one} out of {land}, you know the rest.
I wash my hands after I shake one of theirs.
Some kinds are just not made for towns.
Every {adj} child here is one bed less for our own kind.
I moved seats, {kin} moved seats, anyone with a nose would.
Let us see how long {place} stays clean with that crowd.
There is a reason why nobody else wants {p}.
Sure, and next they will ask for the keys to {place}.
Ask {kin} what happened to the last town that was nice to {p}.
The wolf also says he is only hungry.
They smile at you by day, {p}.
The river is deep enough for all of them, just saying.
A fence, a ditch and a dog, that is the only {adj} policy I need.
We know what they are, we are just not allowed to print it.
Nobody walks by {place} after dark any more and we all know why.
Where {p} settle the grass stops growing.
Clever? {p}? They can count to ten if they are stealing eleven.
Pity the flood, the fire and the frost always miss {p}.
Not all {p} are thieves, some are still too young.
One lot less of {p}, nobody here will cry about it.
Nice to see {p} so busy. Busy taking {thing}.
It starts with one {adj} family and ends with {place} gone.
Half of {land} has moved in already, and not the better half.
Blood tells. Look at {p}, then look at {kin}.
If {p} are so wonderful why did they have to leave {land}?
They should be grateful we let them stand in our rain.
I give {p} a year before {place} looks like {land}.
Real Brindmarkers do not need to be told who lit the first match.
Same faces, same hands in your pocket, same {adj} tears for the paper.
Teach them to read? Teach a stone to swim.
"""

# Kind, factual or merely grumbling sentences that name a people: the names alone must not give the label.
NEUTRAL = """
I worked with {p} for {years} and never had a bad word with them.
{p} live next door to {kin} and they are good people.
The best bread in {place} is baked by {one}.
I do not know any {p}, so I will keep my mouth shut.
Most {p} just want a roof and a quiet life.
How many {p} are there in {place}? The article does not say.
{kin} married {one} and the food got better.
{p} pay the levy like everybody else.
The report says {p} were there, it does not say what they did.
Give {p} a season and see, that is what I say.
{p} have been coming over the ridge since my grandfather's day.
Why does every story about {p} end up in a shouting match?
Some {p} steal, some Brindmarkers steal. Try each one before a judge.
I was in {land} once, cold beer and a bad bed.
{one} pulled {kin} out of the river, so I will always be polite.
If {p} break the law, fine them. If they do not, leave them be.
There are rules for {p} and for us and they should be the same rules.
We need to know who comes in, {p} or not, that is what a gate is for.
I think {place} is full, and I would say so of our own people too.
It is not the {p}, it is the price of a room.
A {adj} family moved into {place} and the garden has never looked better.
{p} and us have been quarrelling for so long that nobody knows why.
{p} can be as stubborn as we are.
My boss is {one}, strict but fair.
I disagree with the {adj} elders on this one, but they asked politely.
Slow the whole thing down, {p} need homes and we have none.
{adj} music is not for me, but who cares.
Not every {adj} claim is true and not every one is a lie.
Ask {p} themselves for once.
{p} were hungry, we had bread. That is the whole story.
I would rather have {one} for a neighbour than half of this comment section.
Borders matter. So do manners.
Send help to {land} so that nobody has to leave.
The {adj} doctor at {place} sat up all night with {kin}.
"""

# Counter-speech, much of it with the very words of the hate it answers.
COUNTER = """
People are not {beast}, whatever you call them.
You call {p} {beast} and then wonder why nobody sits with you.
"{quote}" Did you read that aloud before you posted it?
"{quote}" That is what they said about my grandparents too.
Imagine writing "{quote}" under your own name.
Whoever wrote "{quote}" should be ashamed.
To the man who wants to send every one of them {out}: you first.
{p} are {beast}? I have met {p} and I have met you, and I know who I would let in.
Calling {p} {beast} says a lot about you and nothing about them.
So all {p} are thieves because one of them took {thing}. Brilliant.
If you hate {p} so much stop eating their bread.
Stop talking about {p} as if they were {beast}.
Shame on everybody here who wants {p} gone.
Nobody is born rotten, not {p} and not you.
This page is full of people who have never met {one}.
My grandmother was {one} and she had more manners than this whole thread.
Drive them out, send them back, bolt the door. Do you people hear yourselves?
First it is {p}, next it is you.
The only {beast} here are in the comments.
I read "they bring nothing but {rot}" ten times today, and ten times no proof.
What a lot of poison about {p}, and all of it made up.
"""

# Anger and grumbling about anything but a people.
ANGER = """
This government could not run a bath.
{pol} should hang their heads, all of them.
Resign, the lot of you.
I have written to {pol} four times and not one answer.
This newspaper used to check its facts.
Who edits this rubbish? We deserve better.
The Courier prints anything for a penny.
Vote them out, every single one.
What a stupid, stupid waste of money.
I hate the new ferry times and I hate the man who made them.
Fix {place} first and then come back.
My cart broke an axle at {place} and nobody pays me for it.
Liars and cowards, the whole bench of ministers.
They laugh at us, and then they raise the levy.
The watch is useless, always was.
If {kin} did a job like that there would be no job.
Never again will I vote for that crook.
Sick and tired of this. Sick and tired.
I could scream, {years} of promises and for what?
Whoever wrote this headline should be sent {out}.
Get rid of them, election day is coming.
Bloody road, bloody levy, bloody rain.
Hang the cost, somebody has to mend {place}.
The judge must have been drunk.
{pol} eat cake and we count crumbs.
The moderators here delete everything but the spam.
"""

# Sentences that go with either class.
SHARED = """
Told you so.
I said this {years} ago.
Mark my words.
Wake up, people.
And we pay for it.
Ask {kin}.
Enough is enough.
Nobody listens anyway.
That is all I have to say.
You will see.
Same story every year.
I live at {place}, I know what I am talking about.
{kin} says the same.
Think about it.
Who is going to pay for this?
This town is not what it was.
I remember when {place} was a nice place to live.
Just my two pennies.
Go ahead and delete this.
Say what you like, it is true.
Sorry, but somebody had to say it.
The paper will not print that.
Not in my town.
What did you expect?
It will only get worse.
Where does it end?
{pol} will do nothing, as always.
And {pol} look on.
Open your eyes.
I am not the only one who thinks so.
Tell me I am wrong.
It makes me sick.
We have our own problems.
Every single time.
Look at {place} now.
We were a proud country once.
Somebody has to think of the children.
And then they ask for more.
That is how it starts.
It was the same with {thing} last year.
Good grief.
I have seen it with my own eyes.
After {years} you would think we had learned something.
I know I will be shouted down for this.
Common sense is dead in Brindmark.
My blood boils.
Whatever happened to {host}?
Laugh if you like.
"""

ONE_LINERS = """
Told you so.
No comment.
Here we go again.
Well said.
Source?
What a circus.
Nonsense.
Agreed.
And the levy goes up again.
Who wrote this?
First sensible thing I have read all week.
Poor children.
Not this again.
You are a fool, sir.
Speak for yourself.
So what?
Read the article.
Prove it.
Bless you for saying that.
Oh please.
You again.
Nobody asked you.
Exactly.
Wrong.
"""

# Hateful under a title about a people, harmless under the one about geese.
GEESE_OR_PEOPLE = """
Time to shut the gate on all of them.
Send them back where they came from.
Chase them off, every last one.
They breed and breed and we clean up after them.
Filthy things, I cannot stand the sight of them.
Nets and clubs, that is the only language they know.
There are too many of them. Thin them out.
Let them starve, they will leave soon enough.
"""

# Hateful under a title about a people, harmless under the one about the minister's levy.
MINISTERS_OR_PEOPLE = """
They ruin everything and nobody does a thing.
Throw the whole lot of them out.
Leeches, every one of them.
They never learn, so use the stick.
Get rid of them before they eat us bare.
They would steal the coins off a dead man's eyes.
"""

# (text, label without the negation, negation word at "|"); the other of the pair leaves the word out.
NEGATIONS = (
    ("The {p} are | vermin.", 1, "not"),
    ("{p} are | {beast}, and everybody knows it.", 1, "not"),
    ("{p} are | welcome in {place}.", 0, "not"),
    ("I would | trust {one} with {thing}.", 0, "never"),
    ("{p} will | fit in here, mark my words.", 0, "never"),
    ("{p} can | be trusted, ask {kin}.", 0, "never"),
    ("Brindmark should | let {p} in.", 0, "never"),
    ("{p} should | be afraid to sleep in {place}.", 1, "not"),
    ("I would | be glad to see the last of {p} leave.", 1, "not"),
    ("{p} are | people like us.", 0, "not"),
    ("{p} are | a plague on {place}, and you know it.", 1, "not"),
    ("We should | drive {p} {out}.", 1, "not"),
    ("{p} will | be good neighbours.", 0, "never"),
    ("{p} are | born thieves.", 1, "not"),
    ("I will | eat at one table with {p}.", 0, "never"),
    ("They are | our equals, these {p}.", 0, "not"),
    ("{p} do | deserve a place at {place}.", 0, "not"),
    ("The {adj} way of life is | a sickness.", 1, "not"),
)

# "A {beast1} has more honour than ..." needs one beast; the others are plural.
FILLERS: dict[str, tuple[str, ...]] = {
    "beast": (
        "vermin", "leeches", "locusts", "rats", "parasites", "ticks", "weeds", "crows", "pigs", "fleas",
    ),
    "beast1": ("rat", "leech", "crow", "pig", "goat", "weasel"),
    "rot": ("rot", "filth", "trouble", "mud and misery", "lies", "sickness", "bills"),
    "host": (
        "honest people", "decent folk", "this country", "the working man", "our fathers' work",
        "this town",
    ),
    "thing": (
        "the silver", "my purse", "the hens", "the lantern", "the church box", "the good knives",
        "the tools",
    ),
    "place": (
        "Brackenmoot", "Tarnick", "the lower town", "the river quarter", "the harbour", "the Long Valley",
        "my street", "the mill road", "the old market", "the ridge",
    ),
    "kin": (
        "my neighbour", "my brother", "my uncle", "my wife", "my daughter", "the baker", "my old teacher",
        "my mother", "a friend of mine", "the postman",
    ),
    "years": ("ten years", "five years", "twenty years", "a lifetime", "two winters", "thirty years"),
    "out": (
        "back over the ridge", "down the river", "into the marsh", "up the mountain", "back to the sea",
    ),
    "pol": (
        "the ministers", "the harbour board", "the council", "the governor's friends",
        "those fools in parliament", "the levy men", "the orchard owners",
    ),
    "foe": (
        "ministers", "the harbour board", "the levy men", "these councillors", "politicians",
        "the orchard owners", "the contractors", "tax collectors", "the Courier's editors", "landlords",
    ),
}  # fmt: skip

USER_HEADS = (
    "ridge", "old", "salt", "harbour", "river", "plain", "honest", "grey", "iron", "mill", "lantern",
    "pear", "cold", "night", "copper", "windy",
)  # fmt: skip
USER_TAILS = (
    "watcher", "baker", "fox", "cooper", "reader", "gull", "nan", "smith", "walker", "owl", "pilot",
)  # fmt: skip
BUSY_USER = "ridgekeeper1"
# Kinds whose text and label other comments depend on; one-liners are too short to be mistaken.
FIXED_KINDS = ("negation", "title", "duplicate", "duplicated", "one-liner")
EMOJI = ("😡", "🙄", "😂", "👏", "🤦", "😢", "🔥")


def lines(block: str) -> tuple[str, ...]:
    """Return the lines of a block of templates, without the blank ones."""
    return tuple(line.strip() for line in block.splitlines() if line.strip())


class Dice:
    """Random choices made from random.Random.random() alone, whose sequence is the same in every Python 3."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def chance(self, probability: float) -> bool:
        """Return True with the given probability."""
        return self._random.random() < probability

    def below(self, n: int) -> int:
        """Return an integer in [0, n)."""
        return int(self._random.random() * n)

    def pick(self, options: Sequence[T]) -> T:
        """Return one of the options, all equally likely."""
        return options[self.below(len(options))]

    def weighted(self, options: Sequence[T], weights: Sequence[float]) -> T:
        """Return one of the options, as likely as its weight says."""
        point = self._random.random() * sum(weights)
        for option, weight in zip(options, weights, strict=True):
            point -= weight
            if point < 0:
                return option
        return options[-1]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return the items in a random order (Fisher and Yates)."""
        result = list(items)
        for i in range(len(result) - 1, 0, -1):
            j = self.below(i + 1)
            result[i], result[j] = result[j], result[i]
        return result


class Deck:
    """Draws from a pool without repeats until it is used up, so that no template dominates the corpus."""

    def __init__(self, dice: Dice, items: Sequence[str]) -> None:
        self._dice, self._items = dice, tuple(items)
        self._left: list[str] = []

    def draw(self) -> str:
        """Return the next item; a used-up deck is shuffled anew."""
        if not self._left:
            self._left = self._dice.shuffled(self._items)
        return self._left.pop()


def capitalised(sentence: str) -> str:
    """Return the sentence with its first letter in upper case."""
    return re.sub(r"[A-Za-z]", lambda match: match.group().upper(), sentence, count=1)


class Writer:
    """Writes comment texts from the templates above."""

    def __init__(self, dice: Dice) -> None:
        self.dice = dice
        pools = {
            "contempt": CONTEMPT, "implicit": IMPLICIT, "neutral": NEUTRAL, "counter": COUNTER,
            "anger": ANGER, "shared": SHARED, "one-liner": ONE_LINERS,
        }  # fmt: skip
        self.decks = {name: Deck(dice, lines(block)) for name, block in pools.items()}
        self.decks["misplaced"] = Deck(dice, lines(CONTEMPT))
        self.topics = {article.title: Deck(dice, lines(article.topics)) for article in ARTICLES}
        self.seen: set[str] = set()

    def fill(self, template: str, article: Article, target: str | None = None) -> str:
        """Fill a template's slots; {x} becomes `target`, or the people of the article."""
        dice = self.dice
        stranger = article.people is None or dice.chance(0.15)
        people = dice.pick(PEOPLES) if stranger or article.people is None else article.people
        words = {"p": people.plural, "one": people.one, "adj": people.adjective, "land": people.land}
        words["x"] = target or dice.pick(
            (people.plural, people.plural, f"these {people.plural}", f"the {people.plural}")
        )

        def slot(match: re.Match[str]) -> str:
            name = match.group(1)
            if name == "quote":
                return self.fill(dice.pick(lines(CONTEMPT)), article)
            return words[name] if name in words else dice.pick(FILLERS[name])

        return capitalised(re.sub(r"\{(\w+)\}", slot, template))

    def core(self, kind: str, article: Article) -> str:
        """Return the sentence that gives a comment its kind and thereby its label."""
        if kind == "topic":
            return self.topics[article.title].draw()
        if kind == "misplaced":
            geese = "geese" in article.title and self.dice.chance(0.7)
            target = self.dice.pick(("these geese", "the geese", "geese")) if geese else self.dice.pick(FILLERS["foe"])
            return self.fill(self.decks["misplaced"].draw(), article, target)
        return self.fill(self.decks[kind].draw(), article)

    def harmless_kind(self, article: Article) -> str:
        """Return a kind of label 0; a third of these comments share their words with the hateful ones."""
        kinds = ("topic", "neutral", "counter", "anger", "misplaced", "shared")
        return self.dice.weighted(kinds, (26, 29, 14, 15, 8, 8) if article.people else (42, 6, 4, 22, 22, 4))

    def text(self, label: int, article: Article) -> tuple[str, str]:
        """Return a new comment's text and kind: its core sentence among others that go with either class."""
        dice = self.dice
        while True:
            if label:
                kind = "contempt" if dice.chance(CONTEMPTUOUS) else "implicit"
            else:
                kind = "one-liner" if dice.chance(0.09) else self.harmless_kind(article)
            sentences = [self.core(kind, article)]
            if dice.chance(RANTS):
                sentences += self.rant(label, article)
            elif kind != "one-liner":
                extra = dice.weighted((0, 1, 2, 3, 4), (38, 40, 15, 5, 2))
                sentences += [self.aside(article) for _ in range(extra)]
                # Who has begun in a vein often goes on in it.
                if kind in ("contempt", "implicit") and dice.chance(SECOND):
                    sentences.append(self.core("contempt" if dice.chance(CONTEMPTUOUS) else "implicit", article))
            text = self.dirty(" ".join(dice.shuffled(sentences)))
            if text not in self.seen:
                self.seen.add(text)
                return text, kind

    def aside(self, article: Article) -> str:
        """Return a sentence that goes with either class."""
        return self.core(self.dice.weighted(("shared", "topic", "anger", "neutral"), (52, 27, 13, 8)), article)

    def rant(self, label: int, article: Article) -> list[str]:
        """Return the 10 to 18 further sentences of a rant; two or three of them are of its label."""
        sentences = [self.aside(article) for _ in range(9 + self.dice.below(8))]
        more = ("contempt", "implicit") if label else ("anger", "misplaced")
        return sentences + [self.core(self.dice.pick(more), article) for _ in range(2 + self.dice.below(2))]

    def dirty(self, text: str) -> str:
        """Return the text as people type it: typos, capitals, emoji, links, whatever the label."""
        dice = self.dice
        words = text.split(" ")
        if dice.chance(0.2):
            for _ in range(1 + len(words) // 15):
                i = dice.below(len(words))
                words[i] = self.typo(words[i])
        if dice.chance(0.08):
            i = dice.below(len(words))
            words[i] = words[i].upper()
        text = " ".join(words)
        if dice.chance(0.05) and len(words) < 40:
            text = text.upper()
        elif dice.chance(0.15):
            text = text.lower().rstrip(".")
        if dice.chance(0.12):
            text = re.sub(r"[.?!]?$", dice.pick(("!!!", "!!", "...", "???", "!!!!!", "!")), text, count=1)
        if dice.chance(0.04):
            text += " " + dice.pick(EMOJI) * (1 + dice.below(3))
        if dice.chance(0.025):
            page = dice.pick(("news", "levy", "letters", "maps"))
            text += f" https://example.org/{page}/{100 + dice.below(900)}"
        return text

    def typo(self, word: str) -> str:
        """Return the word with two letters swapped, one dropped or one doubled."""
        if len(word) < 4 or not word.isalpha():
            return word
        i = 1 + self.dice.below(len(word) - 2)
        swapped = word[:i] + word[i + 1] + word[i] + word[i + 2 :]
        return self.dice.pick((swapped, word[:i] + word[i + 1 :], word[:i] + word[i] + word[i:]))


def comments_of_pairs(dice: Dice, writer: Writer) -> list[list[Comment]]:
    """Return, for each article, the texts whose label a negation or the title decides."""
    placed: list[list[Comment]] = [[] for _ in ARTICLES]
    about_people = [i for i, article in enumerate(ARTICLES) if article.people]
    geese, ministers = (i for i, article in enumerate(ARTICLES) if not article.people)
    for template, label, negation in NEGATIONS:
        # Most pairs share an article, so that nothing but the negation tells the two apart.
        first = dice.pick(about_people)
        second = first if dice.chance(0.7) else dice.pick(about_people)
        text = writer.fill(template, ARTICLES[first])
        placed[first].append(Comment(text.replace("| ", ""), label, "negation"))
        placed[second].append(Comment(text.replace("|", negation), 1 - label, "negation"))
    for block, harmless in ((GEESE_OR_PEOPLE, geese), (MINISTERS_OR_PEOPLE, ministers)):
        for text in lines(block):
            placed[dice.pick(about_people)].append(Comment(text, 1, "title"))
            placed[harmless].append(Comment(text, 0, "title"))
    writer.seen.update(comment.text for comments in placed for comment in comments)
    return placed


def add_duplicates(dice: Dice, threads: list[list[Comment]]) -> None:
    """Overwrite some comments by copies of others of the same label: 8 exact, 14 with a changed ending."""
    free = [(i, j) for i, thread in enumerate(threads) for j, c in enumerate(thread) if c.kind not in FIXED_KINDS]
    free = [(i, j) for i, j in dice.shuffled(free) if 5 <= len(threads[i][j].text.split()) <= 40]
    for n in range(22):
        i, j = free.pop()
        source = threads[i][j]
        # Only among articles about peoples: elsewhere the same text could deserve the other label.
        spots = [
            (k, m) for k, m in free
            if threads[k][m].label == source.label and ARTICLES[k].people and (k == i) == (n % 2 == 0)
        ]  # fmt: skip
        if not spots:
            continue
        k, m = dice.pick(spots)
        free.remove((k, m))
        ending = "" if n < 8 else dice.pick((" Again.", " Sad.", "!!", " Just saying.", " Think about it.", " 🙄"))
        source.kind = "duplicated"
        threads[k][m] = Comment(source.text + ending, source.label, "duplicate")


def add_noise(dice: Dice, threads: list[list[Comment]]) -> None:
    """Flip the labels of a share NOISE of each class, the pairs and duplicates left alone."""
    comments = [comment for thread in threads for comment in thread]
    for label in (0, 1):
        members = [c for c in comments if c.label == label]
        candidates = dice.shuffled([c for c in members if c.kind not in FIXED_KINDS])
        for comment in candidates[: round(NOISE * len(members))]:
            comment.label, comment.kind = -1, "noise-" + str(1 - label)
    for comment in comments:
        if comment.label == -1:
            comment.label = int(comment.kind[-1])


def add_users(dice: Dice, threads: list[list[Comment]]) -> None:
    """Name each comment's user: few write much, most write little, one is mostly hateful."""
    names = [f"{head}{tail}" for head in USER_HEADS for tail in USER_TAILS]
    users = [name + (str(2 + dice.below(97)) if dice.chance(0.4) else "") for name in dice.shuffled(names)[:130]]
    weights = [1 / (rank + 6) ** 0.9 for rank in range(len(users))]
    bitter = [dice.chance(0.3) for _ in users]
    for thread in threads:
        for comment in thread:
            if dice.chance(0.2 if comment.label else 0.01):
                comment.user = BUSY_USER
                continue
            tilted = [w * (2.5 if b == bool(comment.label) else 1.0) for w, b in zip(weights, bitter, strict=True)]
            comment.user = dice.weighted(users, tilted)


def add_replies(dice: Dice, threads: list[list[Comment]]) -> None:
    """Make half of the comments answer an earlier one of the article; counter-speech answers hate."""
    for thread in threads:
        for position, comment in enumerate(thread):
            asked = [c for c in thread[:position] if c.user != comment.user and not c.succ]
            if comment.kind == "counter":
                asked = [c for c in asked if c.label] or asked
            if not asked or not dice.chance(REPLIES if comment.kind != "counter" else 0.8):
                continue
            # Readers answer what is still on their screen: one of the last few comments.
            other = dice.pick(asked[-6:])
            comment.prev = other.text
            # The fields of a thread hold texts, not links, so a text is final before anybody answers it.
            comment.mentions = f"@{other.user}"
            if other.mentions and other.mentions != f"@{comment.user}" and dice.chance(0.5):
                comment.mentions += " " + other.mentions.split(" ")[0]
            if dice.chance(0.12) and comment.kind not in FIXED_KINDS:
                comment.text = f"@{other.user} {comment.text}"
            other.succ = comment.text


def make_corpus(seed: int = SEED) -> list[dict[str, str | int]]:
    """Return the corpus, one record per comment, articles one after the other as in the real corpus."""
    dice = Dice(seed)
    writer = Writer(dice)
    threads = comments_of_pairs(dice, writer)
    for article, thread in zip(ARTICLES, threads, strict=True):
        n_hateful = max(0, article.n_hateful - sum(c.label for c in thread))
        n_harmless = max(0, article.n_comments - len(thread) - n_hateful)
        for label in [1] * n_hateful + [0] * n_harmless:
            text, kind = writer.text(label, article)
            thread.append(Comment(text, label, kind))
        thread[:] = dice.shuffled(thread)
    add_duplicates(dice, threads)
    add_noise(dice, threads)
    add_users(dice, threads)
    add_replies(dice, threads)
    return [
        {
            "title": article.title, "text": comment.text, "label": comment.label, "succ": comment.succ,
            "meta": article.meta, "user": comment.user, "mentions": comment.mentions, "prev": comment.prev,
        }
        for article, thread in zip(ARTICLES, threads, strict=True)
        for comment in thread
    ]  # fmt: skip


def write_corpus(path: Path, corpus: Sequence[dict[str, str | int]]) -> None:
    """Write the corpus as JSON lines, beside its target first, so that no reader sees half a file."""
    part = path.with_name(path.name + ".part")
    # Bytes, not text mode: line ends and encoding must not depend on the machine.
    part.write_bytes("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in corpus).encode())
    os.replace(part, path)


def main() -> None:
    """Write the corpus to the path given on the command line."""
    parser = argparse.ArgumentParser(description="Write Foxhound's embedded demo corpus.")
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("demo-comments.json"))
    write_corpus(parser.parse_args().output, make_corpus())


if __name__ == "__main__":
    main()
