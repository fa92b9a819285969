# Sa yon verifikasyon remake, ak sa ki pi an sekirite pou fè. Anyen isit la pa di kijan yon ka ap fini.

finding-hearing-dates-disagree = De sous bay de dat oswa de lè diferan pou odyans ou. Kenbe toude.
finding-medium-disagrees = Nou pa ka di si ou dwe ale an pèsòn. Mande tribinal la. Si ou pa ka jwenn li, pare pou ale.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
finding-impossible-hearing-date = Dat ki sou papye ou a ka pa yon vrè dat tribinal. Pa inyore l. Rele tribinal la. Ale jou sa a si yo pa chanje l.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
finding-not-on-calendar = Sistèm tribinal la poko montre dat sa a. Li ka parèt nan dènye minit. Tcheke chak jou. Ale jou sa a.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
finding-notice-too-late = Avi a ka te rive twò ta. Kenbe anvlòp la. Pale ak yon avoka jodi a. Ale nan nenpòt dat ki poko pase.
finding-hearing-moved-earlier = Yo mete odyans ou PI BONÈ. Ankò: yo mete odyans ou pi bonè. Ale nan nouvo dat la, ki vini pi bonè.
finding-hearing-vanished = Nou pa wè odyans ou ankò. Sa pa vle di li anile. Mande tribinal la anvan ou rete lakay ou.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
finding-stale = Nou pa t ka jwenn enfòmasyon ki pi nouvo. Mande tribinal la. Anatandan, suiv dat ki sou papye ou a.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
finding-record-vanished = Dosye ou a pa parèt ankò. Nou pran sa kòm yon pwoblèm pou ranje. Ka ou a ka kontinye: ale nan chak dat ou genyen. Pale ak yon avoka.
finding-in-absentia = Dosye a di ou rate yon odyans epi yo bay lòd pou depòte ou. Ka gen fason pou mande yon jij gade l ankò. Dèle yo kout. Pale ak yon avoka kounye a.
finding-lawyer-first = Gen yon bagay nan dosye ou a ki bezwen yon avoka dabò. Pale ak yon avoka anvan ou mande oswa siyen anyen. Kenbe adrès ou ajou, epi ale nan chak dat tribinal.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
finding-duties-clash = De nan dat ou yo frape youn ak lòt. Rate odyans tribinal la se sa ki pi grav. Pale ak yon avoka jodi a, anvan premye a.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
finding-wrong-language = Tribinal la ka voye move entèprèt la. Anvan odyans lan, di grefye a, alekri si ou kapab, ki lang ou pi byen pale. Ale nan odyans lan.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
finding-two-people = Nou pa sèten dosye sa a se pa ou. Se poutèt sa nou pa li li. Pale ak yon avoka: yon moun pa nou ka ede ou jwenn youn.
    .sms = Nou gen nouvèl pou ou. Rele nou.
