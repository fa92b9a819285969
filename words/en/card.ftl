# The sheet with the twelve codes. It says nothing of who made it or what it is for: whoever finds it learns nothing.

web-card-heading = Your card
web-card-keep = Keep it in a safe place, apart from your other papers. Show it to nobody and send no photo of it.
web-card-how = When you are asked for a code, key or type the row and its eight digits. Each row works once: cross it out then. If a code is not taken, key or type the next row in the same call or chat.
web-card-lost = If you lose this card, ask for a new one at the same desk. The old one stops working at once.
web-card-row = Row
web-card-digits = Eight digits
web-card-family = Several of you have this card together. Each of you keys or types their own number first. A row that one of you used is used up for all: cross it out.
web-card-representative = This card opens what others have entrusted to you, one of them at a time. Key or type that person’s own number first. It is for your hands alone.
