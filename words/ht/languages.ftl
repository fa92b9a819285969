# Non lang yo.

language-en = Angle
language-es = Panyòl
language-ht = Kreyòl ayisyen
language-mam = Mam
language-quc = K'iche'
language-kjb = Q'anjob'al
language-knj = Akateko
language-kek = Q'eqchi'
language-cak = Kaqchikel
language-ixl = Ixil
language-cac = Chuj
language-pt = Pòtigè
language-fr = Franse
language-ru = Ris
language-uk = Ikrenyen
language-pl = Polonè
language-ar = Arab
language-pa = Penjabi
language-hi = Hindi
language-ur = Oudou
language-gu = Goujarati
language-cmn = Mandaren
