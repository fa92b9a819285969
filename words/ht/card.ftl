# Fèy ki gen douz kòd yo. Li pa di ki moun ki fè l ni pou kisa li ye: moun ki jwenn li pa aprann anyen.

web-card-heading = Kat ou
web-card-keep = Sere l yon kote ki an sekirite, apa lòt papye ou yo. Pa montre pèsonn li, pa voye foto li.
web-card-how = Lè yo mande w yon kòd, peze oswa ekri ranje a ak uit chif li yo. Chak ranje sèvi yon sèl fwa: bare l apre sa. Si yon kòd pa pase, peze oswa ekri ranje ki vin apre a nan menm apèl oswa konvèsasyon an.
web-card-lost = Si ou pèdi kat sa a, mande yon lòt menm kote a. Ansyen an sispann mache touswit.
web-card-row = Ranje
web-card-digits = Uit chif
web-card-family = Plizyè nan nou gen kat sa a ansanm. Chak moun peze oswa ekri pwòp nimewo pa l an premye. Yon ranje youn nan nou sèvi fini pou tout moun: bare l.
web-card-representative = Kat sa a louvri sa lòt moun konfye w, yon moun alafwa. Peze oswa ekri nimewo moun sa a an premye. Se nan men ou sèlman li dwe rete.
