"""What the register takes from spreadsheets: cooperatives, their yearly returns, their boards.

One file of a regency may hold all three; it is then imported three times, each time as another kind. Which heading
fills what, and which are left out and why, stands in docs/imports.md.
"""

from cooperatives.importers import board, register, returns  # noqa: F401 - register by being imported
