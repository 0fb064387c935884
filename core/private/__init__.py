"""What is private in a text: data by its place (`spans`), and sentences about people (`sentences`). Pure, no model."""
