# Yon moun, ak sa ki genyen lè pèsonn pa ka vini.

person-wait = N ap rele yon moun pou ou. Tanpri tann.
interpreter-wait = Tanpri tann. N ap chache yon moun ki pale lang ou.
interpreter-none = Pa gen moun ki pale lang ou ki ka vini kounye a. Nou regrèt sa.
person-closed = Anplwaye nou yo pa nan travay nan lè sa a.
person-busy = Tout anplwaye nou yo okipe kounye a.
person-nobody = Pèsonn pa reponn. Nou regrèt sa.
no-person-ask = Nou ka rele ou apre, oswa ou ka kite yon mesaj.
callback-number-ask = Ki nimewo pou nou rele? Nou kenbe l jiskaske nou rele ou, twa jou pou pi plis.
phone-ask = Bay nimewo telefòn lan ak 10 chif.
    .voice = Peze nimewo telefòn lan ak dis chif.
callback-promised = Nou sere l. Yon moun ap rele ou nan nimewo sa a. Ou kenbe plas ou. Si yon lòt moun reponn, nou pa di anyen sou ou.
# Di bay nenpòt moun ki reponn: li pa di anyen sou liy lan ni sou moun nan.
callback-neutral = Alo. Se yon apèl yon moun te mande. Tanpri tann yon moman.
reminder-neutral = Alo. Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.

callback-no-number = Nou pa gen nimewo pou rele. Nou pa sere anyen.
callback-not-saved = Nou pa t ka sere sa. Pèsonn p ap rele ou. Nou regrèt sa.
message-ask = Kite yon mesaj. Anplwaye nou yo tande l. Lè ou fini, peze #.
    .voice = Kite yon mesaj. Anplwaye nou yo tande l. Lè ou fini, peze touch dyèz la.
message-record = Pale apre son an.
message-words-ask = Ekri mesaj ou a. Anplwaye nou yo li l.
message-empty-ask = Pa t gen anyen ladan. Eseye ankò?
message-left = Nou sere mesaj ou a. Anplwaye nou yo tande l lè yo retounen nan travay. Nou efase l twa jou apre sa.
message-not-saved = Nou pa t ka sere mesaj ou a. Pèsonn p ap tande l. Nou regrèt sa.
