# What a check noticed, and the safe thing to do, in one. Nothing here says how a case will end.

finding-hearing-dates-disagree = Two sources give two different dates or times for your hearing. Keep both.
finding-medium-disagrees = We cannot tell if you go in person. Ask the court. If you cannot reach it, be ready to go.
    .sms = You have a message. Call us and have your code.
finding-impossible-hearing-date = The date on your paper may not be a real court date. Do not ignore it. Call the court. Go on that date if it was not changed.
    .sms = You have a message. Call us and have your code.
finding-not-on-calendar = The court's system does not show this date yet. It can appear at the last minute. Check every day. Go on the date.
    .sms = You have a message. Call us and have your code.
finding-notice-too-late = The notice may have come too late. Keep the envelope. Talk to a lawyer today. Go to any date that is still ahead.
finding-hearing-moved-earlier = Your hearing was moved EARLIER. Again: your hearing was moved earlier. Go on the new, earlier date.
finding-hearing-vanished = We no longer see your hearing. That does not mean that it is off. Check with the court before you stay home.
    .sms = You have a message. Call us and have your code.
finding-stale = We could not get newer facts. Check with the court. Until then, go by the date on your paper.
    .sms = You have a message. Call us and have your code.
finding-record-vanished = Your record stopped showing. We treat this as a problem to fix. Your case may go on: go to every date that you have. Talk to a lawyer.
finding-in-absentia = The record says that you missed a hearing and were ordered removed. There may be ways to ask a judge to look again. Time limits are short. Talk to a lawyer now.
finding-lawyer-first = Something in your record needs a lawyer first. Talk to a lawyer before you ask or sign anything. Keep your address current, and go to every court date.
    .sms = You have a message. Call us and have your code.
finding-duties-clash = Two of your dates clash. Missing the court hearing has the worst result. Talk to a lawyer today, before the first of them.
    .sms = You have a message. Call us and have your code.
finding-wrong-language = The court may bring the wrong interpreter. Tell the court clerk before the hearing, in writing if you can, which language you speak best. Go to the hearing.
    .sms = You have a message. Call us and have your code.
finding-two-people = We can't be sure that this record is yours. So we do not read it. Please talk to a lawyer: a person of ours can help you find one.
    .sms = We have news for you. Call us.
