# Touch 9. Kout, epi sa ki pi enpòtan an premye.

urgent-ask = Ijans. Kisa k ap pase?
danger-now = Si yon moun ka fè ou mal kounye a, rele 911. Li gratis. 911 voye lapolis, anbilans oswa ponpye kote ou ye a. Yo mande ou ki kote ou ye. Ou pa bezwen di ki kote ou fèt. Si yon moun lakay ou fè ou mal: 1-800-799-7233. Si ou pa kapab ankò: 988. Tout gratis, lajounen kou lannwit.
    .sms = An danje: rele 911, pou lapolis, anbilans oswa ponpye. Li gratis. Si ou pa kapab ankò: 988. Rele nou pou tande plis.
    .voice = Si yon moun ka fè ou mal kounye a, rakwoche epi rele nèf en en. Li gratis. Li voye lapolis, anbilans oswa ponpye kote ou ye a. Yo mande ou ki kote ou ye. Ou pa bezwen di ki kote ou fèt. Si yon moun lakay ou fè ou mal: en, uit san, sèt nèf nèf, sèt de twa twa. Si ou pa kapab ankò: nèf uit uit. Tout gratis, lajounen kou lannwit.
rights = Rete kalm. Pa kouri. Ou gen dwa pa pale. Di: mwen vle yon avoka. Pa siyen anyen. Pa bay manti. Lakay ou, kite pòt la fèmen. Mande yo pase anba l yon papye yon jij siyen.
someone-detained = Nou regrèt sa. Pa di nou yon non. Si moun nan rele ou: li gen dwa pa pale epi mande yon avoka. Li pa dwe siyen anyen san avoka. Yo ka anrejistre telefòn sa a.
detained-steps = Ou ka chache moun nan ou menm. Chache sou entènèt: ICE detainee locator. Ou bezwen peyi kote li fèt, ak nimewo A li oswa tout non li. Sa ka pran yon jou pou l parèt. Prepare: nimewo li, papye li, medikaman li. Yon avoka ka mande yon kosyon: lajan ki pèmèt kèk moun tann lakay yo. Moun nan ka rele konsila li. Si gen timoun ki pou kont yo, mande yon moun ou fè konfyans rete ak yo. Pa peye moun ki pwomèt l ap fè l soti vit.
    .sms = Tanpri rele nou pou tande sa.
hearing-soon = Si se yon odyans tribinal, ale, epi ale bonè. Si ou rate l, yon jij ka bay lòd pou depòte ou. Si ou an reta oswa malad, rele tribinal la kounye a, nan nimewo ki sou papye ou a, epi kenbe prèv. Si se yon randevou ak ajan, pale ak yon avoka anvan ou ale.
    .sms = Tanpri rele nou pou tande sa.
urgent-wait = N ap rele yon moun pou ou kounye a. Tanpri tann.
urgent-nobody = Pèsonn pa reponn kounye a. Nou regrèt sa. Si ou an danje, rele 911. Li toujou reponn. Si ou pa kapab ankò, rele 988. Si ou kite yon mesaj isit la, anplwaye nou yo tande l lè yo retounen nan travay, pa anvan.
    .voice = Pèsonn pa reponn kounye a. Nou regrèt sa. Si ou an danje, rele nèf en en. Li toujou reponn. Si ou pa kapab ankò, rele nèf uit uit. Si ou kite yon mesaj isit la, anplwaye nou yo tande l lè yo retounen nan travay, pa anvan.
danger-nobody = Pèsonn pa reponn isit la. Rele 911 kounye a si yon moun ka fè ou mal. Yon moun lakay ou fè ou mal: 1-800-799-7233. Ou pa kapab ankò: 988. Yo reponn lajounen kou lannwit. Anplwaye nou yo tande yon mesaj sèlman lè yo retounen nan travay.
    .sms = Pèsonn pa reponn isit la. An danje: rele 911. Si ou pa kapab ankò: 988.
    .voice = Pèsonn pa reponn isit la. Rele nèf en en kounye a si yon moun ka fè ou mal. Si yon moun lakay ou fè ou mal: en, uit san, sèt nèf nèf, sèt de twa twa. Si ou pa kapab ankò: nèf uit uit. Yo reponn lajounen kou lannwit. Anplwaye nou yo tande yon mesaj sèlman lè yo retounen nan travay.
urgent-nobody-ask = Kisa ou vle fè kounye a?
urgent-message-left = Nou sere mesaj ou a. Anplwaye nou yo tande l lè yo retounen nan travay. Si ou an danje anvan sa, rele 911.
    .voice = Nou sere mesaj ou a. Anplwaye nou yo tande l lè yo retounen nan travay. Si ou an danje anvan sa, rele nèf en en.

# Depi anndan.
custody-recorded = Prizon an ka anrejistre telefòn sa a. Pa di nou detay ka ou a.
custody-first = Ankò: yo ka anrejistre telefòn sa a. Pa di nou detay ka ou a. Ou pa bezwen touch. Ou gen dwa pa pale epi mande yon avoka. Pa siyen anyen san avoka.
custody-nobody = Pèsonn pa reponn. Nou regrèt sa. Nou pa ka rele ou la. Rele nou ankò: ou retounen menm kote a.
custody-message-ask = Ou ka kite yon mesaj. Pa di detay ka ou a. Anplwaye nou yo tande l lè yo retounen nan travay.
