# Told to the person of the staff who answers, in their language. No value of a caller is in it.

agent-offer = Helpline. A caller who speaks { $language }. { $need }.
agent-accept-ask = Press 1 to take the call.
    .voice = Press one to take the call.
agent-connected = You are connected.
agent-interpreter-here = The interpreter is on the line.
agent-interpreter-coming = An interpreter is being called. Please wait.
agent-interpreter-none = No interpreter can come now. You can go on without one.
# Told to the interpreter who answers, while a person of the staff is called.
interpreter-asked = Helpline. A caller who speaks { $language } needs an interpreter. Please wait for our staff.
agent-message-code-ask = Enter your staff code.
    .voice = Key your staff code.
agent-message-none = There are no messages.
agent-message-next =
    { $days-count ->
        [0] The next message is from today.
        [one] The next message is from { $days } day ago.
       *[other] The next message is from { $days } days ago.
    }
agent-message-after-ask = Is the message done?
choose-message-done = Done
choose-message-again = Once more
agent-message-kept = The message stays.
agent-message-gone = The message will be deleted.

need-person = They want a person
need-interpreter = They need an interpreter
need-callback = They asked to be called back
need-message = They left a message
need-urgent = Urgent
need-danger-now = Urgent: in danger now
need-officers-here = Urgent: officers are there now
need-someone-detained = Urgent: someone was just detained
need-hearing-soon = Urgent: court or a check-in today or tomorrow
need-callback-urgent = They asked to be called back. Urgent
need-callback-danger-now = They asked to be called back. Urgent: in danger
need-callback-officers-here = They asked to be called back. Urgent: officers came
need-callback-someone-detained = They asked to be called back. Urgent: someone was detained
need-callback-hearing-soon = They asked to be called back. Urgent: court or a check-in within a day of the call
need-from-custody = Urgent: calling from detention, the phone may be recorded
