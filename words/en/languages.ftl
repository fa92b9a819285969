# Names of the languages. The language itself carries its own name, for the first menu.

language-en = English
language-es = Spanish
language-ht = Haitian Creole
language-mam = Mam
language-quc = K'iche'
language-kjb = Q'anjob'al
language-knj = Akateko
language-kek = Q'eqchi'
language-cak = Kaqchikel
language-ixl = Ixil
language-cac = Chuj
language-pt = Portuguese
language-fr = French
language-ru = Russian
language-uk = Ukrainian
language-pl = Polish
language-ar = Arabic
language-pa = Punjabi
language-hi = Hindi
language-ur = Urdu
language-gu = Gujarati
language-cmn = Mandarin
