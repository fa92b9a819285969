# Nombres de los idiomas.

language-en = Inglés
language-es = Español
language-ht = Criollo haitiano
language-mam = Mam
language-quc = K'iche'
language-kjb = Q'anjob'al
language-knj = Akateko
language-kek = Q'eqchi'
language-cak = Kaqchikel
language-ixl = Ixil
language-cac = Chuj
language-pt = Portugués
language-fr = Francés
language-ru = Ruso
language-uk = Ucraniano
language-pl = Polaco
language-ar = Árabe
language-pa = Panyabí
language-hi = Hindi
language-ur = Urdu
language-gu = Guyaratí
language-cmn = Mandarín
