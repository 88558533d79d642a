"""Given names and surnames.

Source: Faker's pt_BR pools (https://github.com/joke2k/faker, MIT, © Daniele Faraglia), spelling variants thinned out.
They are copied, not imported, so that the same seed gives the same people whatever release of Faker is installed.
"""

WOMEN = (
    "Agatha,Alana,Alice,Allana,Alícia,Amanda,Ana,Ana Beatriz,Ana Carolina,Ana Cecília,Ana Clara,Ana Júlia,Ana Laura,"
    "Ana Luiza,Ana Lívia,Ana Sophia,Ana Vitória,Antonella,Aurora,Ayla,Beatriz,Bianca,Brenda,Bruna,Bárbara,Camila,"
    "Carolina,Caroline,Catarina,Cecília,Clara,Clarice,Daniela,Eduarda,Elisa,Eloá,Emanuelly,Emilly,Ester,Evelyn,"
    "Fernanda,Gabriela,Gabrielly,Giovanna,Helena,Heloísa,Isabel,Isabela,Isabella,Isadora,Joana,Juliana,Júlia,Kamilly,"
    "Lara,Larissa,Laura,Lavínia,Laís,Letícia,Lorena,Luana,Luara,Luiza,Luna,Luísa,Lívia,Maitê,Manuela,Marcela,Maria,"
    "Maria Alice,Maria Cecília,Maria Clara,Maria Eduarda,Maria Fernanda,Maria Flor,Maria Helena,Maria Júlia,"
    "Maria Laura,Maria Luiza,Maria Sophia,Maria Vitória,Mariana,Mariane,Marina,Maya,Maysa,Melina,Melissa,Milena,"
    "Mirella,Natália,Nicole,Nina,Olívia,Pietra,Rafaela,Raquel,Rebeca,Sabrina,Sara,Sarah,Sofia,Sophia,Stella,Stephany,"
    "Valentina,Vitória,Yasmin,Zoe,Ágatha,Ísis"
)

MEN = (
    "Alexandre,André,Anthony,Antônio,Apollo,Arthur,Arthur Gabriel,Arthur Miguel,Augusto,Benjamin,Bento,Benício,"
    "Bernardo,Breno,Bruno,Bryan,Caio,Calebe,Carlos Eduardo,Cauã,Cauê,Daniel,Danilo,Dante,Davi,Davi Lucas,Davi Luiz,"
    "Davi Miguel,Diego,Diogo,Eduardo,Emanuel,Enrico,Enzo,Enzo Gabriel,Erick,Felipe,Fernando,Francisco,Gabriel,Gael,"
    "Guilherme,Gustavo,Gustavo Henrique,Heitor,Henrique,Henry,Ian,Igor,Isaac,Isaque,Joaquim,Josué,José,José Miguel,"
    "José Pedro,João,João Felipe,João Gabriel,João Guilherme,João Lucas,João Miguel,João Pedro,João Vitor,Juan,Kaique,"
    "Kevin,Leandro,Leonardo,Levi,Liam,Lorenzo,Luan,Lucas,Lucas Gabriel,Lucca,Luigi,Luiz Felipe,Luiz Fernando,"
    "Luiz Gustavo,Luiz Henrique,Luiz Miguel,Luiz Otávio,Léo,Marcelo,Marcos Vinicius,Mateus,Matheus,Mathias,Miguel,"
    "Murilo,Nathan,Nicolas,Noah,Oliver,Otto,Otávio,Paulo,Pedro,Pedro Henrique,Pedro Lucas,Pedro Miguel,Pietro,Rafael,"
    "Raul,Ravi,Renan,Rodrigo,Ryan,Samuel,Thales,Theo,Theodoro,Thiago,Thomas,Théo,Valentim,Vicente,Vinícius,Vitor,"
    "Vitor Gabriel,Vitor Hugo,Yago,Yan,Yuri"
)

SURNAMES = (
    "Abreu,Albuquerque,Almeida,Alves,Andrade,Aparecida,Aragão,Araújo,Azevedo,Barbosa,Barros,Borges,Brito,Caldeira,"
    "Camargo,Campos,Cardoso,Carvalho,Cassiano,Castro,Cavalcante,Cavalcanti,Correia,Costa,Cunha,Câmara,da Conceição,"
    "da Costa,da Cruz,da Cunha,da Luz,da Mata,da Mota,da Paz,da Rocha,da Rosa,das Neves,Dias,Duarte,Farias,Fernandes,"
    "Ferreira,Fonseca,Freitas,Garcia,Gomes,Gonçalves,Guerra,Jesus,Leão,Lima,Lopes,Macedo,Machado,Marques,Martins,Melo,"
    "Mendes,Mendonça,Monteiro,Montenegro,Moraes,Moreira,Moura,Nascimento,Nogueira,Novaes,Nunes,Oliveira,Pacheco,"
    "Peixoto,Pereira,Pimenta,Pinto,Pires,Porto,Ramos,Rezende,Ribeiro,Rios,Rocha,Rodrigues,Sales,Sampaio,Santos,Silva,"
    "Silveira,Siqueira,Sousa,Souza,Sá,Teixeira,Vargas,Vasconcelos,Viana,Vieira"
)

COMMON = "Silva,Santos,Oliveira,Souza,Pereira,Ferreira,Lima,Rodrigues,Alves,Costa,Ribeiro,Gomes"
"""Surnames borne by so many that they are drawn ten times as often as the others."""

WOMEN_AND_MEN = (515, 485)
"""Of a thousand residents (IBGE, Census 2022)."""
