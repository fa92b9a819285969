# Kijan liy lan poze kesyon: touch, pasyans, repete sa moun nan bay. Motè a di yo nan tout konvèsasyon.
# Tout tèks yo se bouyon: pa gen moun ak non ki revize yo.

press-for = { $label }: { $key }
    .sms = { $key }: { $label }
    .voice = { $label }: peze { $key }.
press-key = { $key }
    .voice = Peze { $key }.
press-pound = Apre sa peze #.
    .voice = Apre sa peze touch dyèz la.
not-understood = Nou pa konprann sa.
still-there = Èske ou la toujou?
anyone-there = Alo? Si gen moun, di yon mo oswa peze nenpòt touch.
person-hint = Pou pale ak yon moun: 0.
    .voice = Pou pale ak yon moun, peze zewo nenpòt lè.
urgent-hint = Si se yon ijans: 9.
    .voice = Si se yon ijans, peze nèf.
repeat-hint = Pou wè sa ankò: *.
    .voice = Pou tande sa ankò, peze zetwal.
read-back-digits = Ou bay { $digits }.
    .sms = Nou gen nimewo ou a.
    .voice = Ou bay: { $digits }.
read-back-date = Ou bay { $date }.
    .sms = Nou gen dat ou a.
    .voice = Ou bay: { $date }.
read-back-time = Ou bay { $time }.
    .sms = Nou gen lè ou a.
    .voice = Ou bay: { $time }.
read-back-ask = Èske se sa?
apology = Gen yon bagay ki pa mache bò kote pa nou. Nou regrèt sa.
line-closing = Liy sa a dwe kanpe pou yon ti tan. Nou regrèt sa. Tanpri rele ankò nan kèk minit.
not-possible-now = Nou pa t kapab fè sa kounye a. Nou pa sere anyen. Nou regrèt sa.
