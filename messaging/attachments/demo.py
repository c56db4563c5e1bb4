"""A picture and a paper for the demo, drawn when they are needed."""

import io

from PIL import Image, ImageDraw

SIZE = (1200, 800)
LINES = ("The launch", "1. Write the announcement", "2. Tell everybody", "3. Cake")


def cake() -> bytes:
    """Return a JPEG of a cake with three candles."""
    image = Image.new("RGB", SIZE, "#dbe3fd")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 620, 1200, 800), fill="#9aa7c7")
    draw.ellipse((240, 600, 960, 700), fill="#f4f6fa")
    for left, top, right, bottom, colour in ((300, 460, 900, 650, "#8a5a3b"), (380, 320, 820, 470, "#a9714b")):
        draw.rounded_rectangle((left, top, right, bottom), 30, fill=colour)
        draw.rounded_rectangle((left - 10, top - 10, right + 10, top + 45), 27, fill="#fff7e3")
        for drop in range(left + 20, right - 40, 90):
            draw.rounded_rectangle((drop, top, drop + 36, top + 90), 18, fill="#fff7e3")
    for middle in (490, 600, 710):
        draw.rectangle((middle - 9, 220, middle + 9, 312), fill="#3b5bdb")
        draw.ellipse((middle - 16, 160, middle + 16, 222), fill="#f4b740")
    target = io.BytesIO()
    image.save(target, "JPEG", quality=85)
    return target.getvalue()


def plan() -> bytes:
    """Return a PDF of one page with a few lines."""
    text = " ".join(f"({line}) Tj 0 -32 Td" for line in LINES)
    stream = f"BT /F1 20 Tf 72 740 Td {text} ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        " /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
    ]
    file, places = "%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(file))
        file += f"{number} 0 obj\n{each}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    end = f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R >>\n"
    return f"{file}{end}startxref\n{len(file)}\n%%EOF\n".encode("ascii")
