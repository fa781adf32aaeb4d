"""
The words the tokenizer has a token of their own for.

Knows frequent English words and words of the trade, as data only. The order is
part of the token ids: append, never insert.
"""

WORDS: tuple[str, ...] = tuple(
    """
about above accept access account across action active actually added address after again against
agent agree allow almost alone along already also although always amount analysis another answer
anything appear apply approach April area argument around array article asked assistant attention
August author available average balance based basic because become before began begin behind being
believe below best better between beyond billing block board body book both bottom boolean branch
break bring brown browser build business cache cached call called came cannot capital card care
carry case cause cell central certain chance change character chat check child choice choose city
class clear client close code cold collect color column come command comment common company compare
complete completion computer condition connect consider contain content context continue control
correct cost could count country couple course cover create current customer data date dark deal
December deep default degrees delete demand deploy describe description design detail developer
device different direct document does doing dollar done down drive during each early earth easy
east economy edge effect eight either else email employee empty encode energy engine english enough
enter entire error even evening event ever every everything exact example exist expect explain
express fact fail false family fast father February feel field figure file fill final find fine
first five follow food force foreign form format forward found four France free Friday friend from
front full function future game general generate Germany give given good government great green
ground group grow guess half hand handle happen hard have head header health hear heart heavy hello
help here high history hold home hope host hour house however human hundred idea image important
include increase index industry inference information input inside instead interest internal into
invoice issue item January join July June just keep kind king know known language large last late
later laugh learn least leave left length less letter level life light like limit line list listen
little live local location London long look lose love lower machine made mail main make manage many
March market match matter maybe mean measure meet member memory message method middle might million
mind minute miss mode model moment Monday money month more morning most mother mountain mouth move
much music must name nature near need never next nice night nine none north note nothing notice
November number object October off offer office often once online only open option orange order
other output outside over owner page paid paper parameter parcel parent Paris part party pass past
path pattern peace people percent perhaps period person phone picture piece place plan plane play
please point policy poor position possible power prefix prepare present president press price print
private probably problem process product program project prompt property protect provide public pull
purple purpose push query question quick quickly quiet quite rain range rate rather reach read ready
real really reason reasoning receive recent record region release remain remember reply report
request require required rest result return returned review rich right river road rock role room
rose round rule running sale same sample Saturday save says schema school science score search
season second section secret security seem select send sense September serve server serverless
service seven several share short should show side sign simple since single site situation size
sleep slow small smile snow social soft software solve some something sometimes song soon sort
sound source south space speak special spring square stage stand standard star start state station
status stay step still stop store story straight stream street string strong structure student
study style subject such sugar suggest summer Sunday sunny support sure surface surprise system
table take talk task teach team tell temperature tensor Tensormesh test text than thank that their
them then there these they thing think third this those though thought thousand three through
throw Thursday ticket time title today together token Tokyo told tomorrow tool total touch toward
town track trade train translate travel tree true trust truth Tuesday turn twelve twenty type under
understand unit until update upon upper usage user using value variable various version very video
view violet violets visit voice volume wait walk wall want warm watch water weather Wednesday week
weight well went were west what when where which while white whole whose wide wife will wind window
winter wish with within without woman wonder wood word work world would write written wrong year
yellow yes yesterday yet young your zero
answers beginning Berlin blue cities counts deployment deterministic differently exactly fixed follows
gives goes green holds honestly Japan keeps length makes moon prefix remembers repeat rules said
sentence sentences shall shorten shortly shown stops sweet tokens tools towards weights words
celsius degrees fahrenheit forecast hello humidity thanks
""".lower().split()
)
