# Kiyès ki reponn, dapre idantite operatè a; lang yo; premye kesyon an.

agency-first = Liy sa a se pou gouvènman an.
greeting-name = Nou se { $name }.
    .sms = Bonjou.
greeting-government = Nou se gouvènman an.
greeting-not-government = Nou pa gouvènman an.
greeting-free = Sa gratis.
greeting-no-name = Ou pa bezwen di non ou.
greeting-not-recorded = Nou pa anrejistre.
greeting-telephone-open = Apèl telefòn pa sekrè.
greeting-shares = Nou pataje sa ou di ak { $with }.
    .sms = Nou pataje kèk nan sa ou di.
greeting-hears = { $who } ka tande apèl yo.
    .sms = Lòt moun ka tande apèl yo.

language-ask = Chwazi yon lang oswa tann.
choose-more-languages = Plis lang

reason-ask = Kisa ou bezwen?
more-ask = Kisa nou ka fè ankò?
anything-else-ask = Èske gen yon lòt bagay?
goodbye = Mèsi paske ou rele. Orevwa.
