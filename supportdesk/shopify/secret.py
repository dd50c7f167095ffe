"""`Secret` under the name modules of this package know it by; it is defined in `supportdesk.secret`."""

from supportdesk.secret import Secret as Secret
