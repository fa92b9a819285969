# Dosye, rapò, rapèl, bliye.

open-file-ask = Nou ka kenbe dat sa a pou ou, pou ou ka tande l ankò. Nou kenbe dat la ak lè a, san non, anviwon 90 jou. Ou jwenn yon resi ki gen 16 chif: prepare yon plim. Èske nou louvri yon dosye?
    .sms = Nou ka kenbe dat sa a pou ou, san non. Èske nou fè l?
    .voice = Nou ka kenbe dat sa a pou ou, pou ou ka tande l ankò. Nou kenbe dat la ak lè a, san non, anviwon katrevendis jou. Ou jwenn yon resi ki gen sèz chif: prepare yon plim. Èske nou louvri yon dosye?
word-key-wanted-ask = Èske ou vle fèmen dosye a ak 4 chif ou menm sèl konnen?
    .voice = Èske ou vle fèmen dosye a ak kat chif ou menm sèl konnen?
word-key-new-ask = Bay 4 chif ou ap sonje.
    .voice = Peze kat chif ou ap sonje.
file-receipt-is = Resi dosye ou a: { $digits }.
    .voice = Resi dosye ou a se: { $digits }.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
file-receipt-once = Nou di l sèlman kounye a. Kenbe l byen.
file-next-ask = Dosye ou a louvri. Kisa ou vle fè kounye a?
file-not-here = Liy sa a pa louvri dosye. Nou pa sere anyen.
what-is-wrong-ask = Kisa ki pa bon?
report-needs-case = Pou rapòte yon enfòmasyon ki pa bon, nou louvri ka ou a dabò.
report-not-mine = Li ka pou yon lòt moun. Pa suiv li. Pale ak yon avoka anvan ou di yon lòt moun. Ale nan dat ki sou pwòp papye ou yo.
report-code-is = Kòd rapò ou a: { $digits }.
    .voice = Kòd rapò ou a se: { $digits }.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
report-taken = Yon moun sou liy sa a li rapò ou a. Nou pa voye anyen bay okenn ajans. Nou di ou kisa ou ka fè. Rele nou ak kòd ou a pou w pran nouvèl.
report-code-ask = Bay 16 chif kòd rapò ou a.
    .voice = Peze sèz chif kòd rapò ou a.
report-state-taken = Nou sere rapò ou te fè { $taken }. Pèsonn poko li l.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
report-state-in-hand = Yon moun ap travay sou rapò ou te fè { $taken }, depi { $since }.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
report-state-answered = Rapò ou te fè { $taken } gen yon repons depi { $since }. Yon moun ka di ou kisa pou fè.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
report-state-corrected = Enfòmasyon ou te rapòte { $taken } parèt korije { $since }. Kenbe papye ou yo.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
report-state-closed = Rapò ou te fè { $taken } fèmen { $since } san koreksyon. Yon moun ka di ou poukisa.
    .sms = Ou gen yon mesaj. Rele nou epi prepare kòd ou a.
remind-ask = Nou ka voye yon mesaj ba ou anvan dat la. Li pa di anyen sou ou. Nou kenbe nimewo a jiskaske nou voye l. Ki nimewo?
remind-phone-ask = Bay nimewo telefòn pou mesaj la, ak 10 chif.
    .voice = Peze nimewo telefòn pou mesaj la, ak dis chif.
remind-set = Nou sere l. Mesaj la di sèlman ou gen yon mesaj.
remind-not-set = Nou pa t ka sere sa. Okenn mesaj p ap vini. Nou regrèt sa.
forget-receipt-ask = Pou bliye dosye ou a, bay 16 chif li, oswa nimewo A ou.
    .voice = Pou bliye dosye ou a, peze sèz chif li, oswa chif nimewo A ou.
forget-ask = Nou detwi sa nou kenbe sou ka ou a, kounye a epi pou toutan. Dosye tribinal la rete. Èske nou fè l?
    .sms = Nou detwi sa nou kenbe sou ou, kounye a epi pou toutan. Èske nou fè l?
forget-nothing-kept = San resi ni kat nou pa ka jwenn anyen sou ou. Nou pa kenbe non. Yon moun ka ede ou.
forgotten-file =
    { $count-count ->
        [one] Nou detwi yon dosye.
       *[other] Nou detwi { $count } dosye.
    }
forgotten-case =
    { $count-count ->
        [one] Nou detwi yon ka.
       *[other] Nou detwi { $count } ka.
    }
forgotten-card =
    { $count-count ->
        [one] Nou detwi yon kat.
       *[other] Nou detwi { $count } kat.
    }
forgotten-ticket =
    { $count-count ->
        [one] Nou detwi yon pèmisyon pou yon biwo.
       *[other] Nou detwi { $count } pèmisyon pou biwo.
    }
forgotten-passkey =
    { $count-count ->
        [one] Nou detwi yon kle yon aparèy.
       *[other] Nou detwi { $count } kle aparèy.
    }
forgotten-reminder =
    { $count-count ->
        [one] Nou detwi yon rapèl.
       *[other] Nou detwi { $count } rapèl.
    }
forgotten-report =
    { $count-count ->
        [one] Nou detwi yon rapò.
       *[other] Nou detwi { $count } rapò.
    }
forgotten-nothing-left = Pa rete anyen sou ou isit la, e pèsonn nan biwo a pa ka louvri l.
